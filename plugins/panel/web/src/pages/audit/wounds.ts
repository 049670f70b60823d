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
    what: 'changed' | 'missing' | 'unlinked' | 'unchained' | 'cut';
  } | null;
  seal: 'ok' | 'none' | 'wrong';
  witness: 'ok' | 'none' | 'contradicts';
  reseals: { seq: number; at: string; found: string }[];
  restores: { seq: number; at: string }[];
}

/** What is wrong with the chain, a sentence each; none: nothing is. The first seal of a log is no wound. */
export function woundsOf({ firstBroken, seal, witness, reseals, rows }: ChainReport): string[] {
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
    if (found === 'none' && index === 0) continue;
    wounds.push(t(found === 'none' ? 'reseal.none' : 'reseal.wrong', { seq: String(seq) }));
  }
  return wounds;
}
