import { audit as t } from '../../messages/audit.ts';

/** As `GET /api/v1/audit/chain` answers. */
export interface ChainReport {
  checkedAt: string;
  ok: boolean;
  rows: number;
  end: { seq: number; hash: string } | null;
  firstBroken: {
    seq: number | null;
    id: number | null;
    what: 'changed' | 'missing' | 'unlinked' | 'unchained' | 'cut' | 'anchor';
  } | null;
  seal: 'ok' | 'none' | 'wrong';
  witness: 'ok' | 'none' | 'contradicts' | 'retired';
  /** What went because it was over its time. */
  retired: {
    rows: number;
    seals: number;
    upTo: { seq: number; hash: string };
    newestAt: string;
    retiredAt: string;
  } | null;
  reseals: { seq: number; at: string; found: string }[];
  restores: { seq: number; at: string }[];
}

/** What is wrong with the chain, a sentence each; none: nothing is. The first seal of a log is no wound. */
export function woundsOf({ firstBroken, seal, witness, reseals, rows, retired }: ChainReport): string[] {
  const wounds: string[] = [];
  if (firstBroken) {
    const { seq, id, what } = firstBroken;
    const place = seq === null ? t('broken.row', { id: String(id) }) : String(seq);
    wounds.push(t(`broken.${what}`, { place }));
  }
  if (seal === 'wrong') wounds.push(t('seal.wrong'));
  if (seal === 'none' && rows > 0) wounds.push(t('seal.none'));
  if (witness === 'contradicts') wounds.push(t('witness.contradicts'));
  for (const [index, { seq, found }] of reseals.entries()) {
    if (found === 'none' && index === 0 && !retired?.seals) continue;
    wounds.push(t(found === 'none' ? 'reseal.none' : 'reseal.wrong', { seq: String(seq) }));
  }
  return wounds;
}
