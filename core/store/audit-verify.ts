import type { Selectable, Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import { type ChainEnd, hashOf } from './audit-chain.ts';
import { type RetiredMark, retiredMark } from './audit-retired.ts';
import { type AuditWitness, type SealState, sealState } from './audit-seal.ts';
import type { AuditTable } from './audit-table.ts';
import type { Database } from './database.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** What is wrong with the chain, at its first row where something is. */
export interface Break {
  /** Place in the chain; null: a row that never got one. */
  seq: number | null;
  /** The row's `id`; null: the row is not there. */
  id: number | null;
  /**
   * changed: not what was written; missing: not there; unlinked: what stood before it was rewritten; unchained: no hash; cut:
   * the end is not there; anchor: the mark of what was retired is not what was sealed.
   */
  what: 'changed' | 'missing' | 'unlinked' | 'unchained' | 'cut' | 'anchor';
}

export interface AuditReport {
  ok: boolean;
  /** That are there: those retired are not counted. */
  rows: number;
  /** Note it down elsewhere: `--expect` holds the log against it another day. */
  end: ChainEnd | null;
  firstBroken: Break | null;
  /** Of the end of the chain. */
  seal: SealState;
  /** What this machine had seen of the log, and the caller's own note: whether the log still has it. */
  witness: Noted;
  expected: Noted;
  /** What went because it was over its time, `seals` told of a seal; the chain begins behind it. Times in ISO 8601. */
  retired: { rows: number; seals: number; upTo: ChainEnd; newestAt: string; retiredAt: string } | null;
  /** `at` in ISO 8601. Rows that say the seal had been taken away or broken when they were written. The first of a log is normal. */
  reseals: { seq: number; at: string; found: string }[];
  restores: { seq: number; at: string }[];
}

/** retired: it is older than what is left, so nothing can be said of it. */
type Noted = 'ok' | 'none' | 'contradicts' | 'retired';
type Row = Selectable<AuditTable>;

const PAGE_ROWS = 500;
/** Of each kind that a report names. */
const MOST_NOTES = 100;

/** What a walk needs. */
interface Walked {
  db: Database;
  secrets: Secrets;
  witness: AuditWitness;
}

/** Walks the whole chain, page by page, while the server may go on writing. `expected`: an end that was noted before. */
export async function verifyAudit(parts: Walked, expected: ChainEnd | null = null): Promise<AuditReport> {
  const seen = await parts.witness.read();
  for (;;) {
    const report = await walkThrough(parts, seen, expected);
    if (report) return report;
  }
}

/** Null: rows were retired meanwhile, so it has to begin anew; there are only so many of them. */
async function walkThrough(
  { db, secrets }: Walked,
  seen: ChainEnd | null,
  expected: ChainEnd | null,
): Promise<AuditReport | null> {
  const mark = await db.system((trx) => retiredMark(trx, secrets));
  const walk = new Walk(mark, [...(seen ? [seen] : []), ...(expected ? [expected] : [])]);
  let page: Row[];
  do {
    page = await db.system((trx) => rowsAfter(trx, walk.end?.seq ?? null));
    for (const row of page) walk.take(row);
  } while (page.length === PAGE_ROWS);
  return await db.system(async (trx) => {
    // What came meanwhile, and the end, as one moment saw them.
    const head = await trx.selectFrom('audit_head').selectAll().forUpdate().executeTakeFirst();
    if ((await retiredMark(trx, secrets))?.seq !== mark?.seq) return null;
    for (const row of await rowsAfter(trx, walk.end?.seq ?? null)) walk.take(row);
    const stray = await trx.selectFrom('audit_log').select('id').where('hash', 'is', null).limit(1).executeTakeFirst();
    const seal = head ? sealState(secrets, { ...head, keyId: head.key_id }) : 'none';
    const firstBroken = walk.broken ?? strayBreak(stray) ?? cutBreak(walk.end, head);
    const report = { seal, witness: walk.noted(seen), expected: walk.noted(expected), reseals: walk.reseals } as const;
    return {
      ok: firstBroken === null && isTrusted(report, walk.rows, mark),
      rows: walk.rows,
      end: walk.end,
      firstBroken,
      ...report,
      retired: mark && told(mark),
      restores: walk.restores,
    };
  });
}

/** `12:9f86d0…` as an end of the chain; nothing is none. @throws BaltoError BALTO_CLI_USAGE */
export function parseEnd(text: unknown): ChainEnd | null {
  if (text === undefined) return null;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(String(text).trim()) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  const message = 'O fim esperado se escreve SEQ:HASH, como "balto audit verify" o mostra.';
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message, field: 'expect' });
}

function told({ rows, seals, seq, hash, newestAt, retiredAt }: RetiredMark): AuditReport['retired'] {
  return { rows, seals, upTo: { seq, hash }, newestAt: newestAt.toISOString(), retiredAt: retiredAt.toISOString() };
}

/** An empty log that was never written to needs no seal; after that each seal but the very first must have been there. */
function isTrusted(
  report: Pick<AuditReport, 'seal' | 'witness' | 'expected' | 'reseals'>,
  rows: number,
  mark: RetiredMark | null,
): boolean {
  const isSealed = report.seal === 'ok' || (report.seal === 'none' && report.reseals.length === 0 && rows === 0);
  const areNormal = report.reseals.every(({ found }, index) => found === 'none' && index === 0 && !mark?.seals);
  return isSealed && areNormal && report.witness !== 'contradicts' && report.expected !== 'contradicts';
}

function strayBreak(stray: { id: number } | undefined): Break | null {
  return stray ? { seq: null, id: stray.id, what: 'unchained' } : null;
}

function cutBreak(end: ChainEnd | null, head: { seq: number | null; hash: string | null } | undefined): Break | null {
  if (!head || head.seq === null) return null;
  if (head.seq > (end?.seq ?? 0)) return { seq: (end?.seq ?? 0) + 1, id: null, what: 'cut' };
  return head.seq === end?.seq && head.hash === end.hash ? null : { seq: head.seq, id: null, what: 'unlinked' };
}

/** The next page of the chain, in its order. */
export async function rowsAfter(trx: Transaction<Tables>, seq: number | null): Promise<Row[]> {
  let query = trx.selectFrom('audit_log').selectAll().where('hash', 'is not', null).orderBy('seq').limit(PAGE_ROWS);
  if (seq !== null) query = query.where('seq', '>', seq);
  return await query.execute();
}

/** What is wrong with a row that stands after `end`; null: nothing. */
export function breakOf(row: Row, end: ChainEnd | null): Break | null {
  const [seq, due] = [row.seq ?? 0, (end?.seq ?? 0) + 1];
  if (seq !== due) return { seq: due, id: null, what: 'missing' };
  if (hashOf({ ...row, seq }) !== row.hash) return { seq, id: row.id, what: 'changed' };
  return row.previous_hash === (end?.hash ?? null) ? null : { seq, id: row.id, what: 'unlinked' };
}

class Walk {
  rows = 0;
  end: ChainEnd | null;
  broken: Break | null;
  readonly reseals: AuditReport['reseals'] = [];
  readonly restores: AuditReport['restores'] = [];
  readonly #mark: RetiredMark | null;
  readonly #wanted: ChainEnd[];
  readonly #found = new Set<string>();

  /** Begins behind what was retired. */
  constructor(mark: RetiredMark | null, wanted: ChainEnd[]) {
    this.#mark = mark;
    this.#wanted = wanted;
    this.end = mark && { seq: mark.seq, hash: mark.hash };
    this.broken = mark?.seal === 'wrong' ? { seq: mark.seq, id: null, what: 'anchor' } : null;
    if (mark) this.#found.add(`${mark.seq}:${mark.hash}`);
  }

  take(row: Row): void {
    this.broken ??= breakOf(row, this.end);
    const seq = row.seq ?? 0;
    this.rows += 1;
    this.end = { seq, hash: row.hash ?? '' };
    if (this.#wanted.some((end) => end.seq === seq && end.hash === row.hash)) this.#found.add(`${seq}:${row.hash}`);
    const at = row.at.toISOString();
    if (row.action === 'audit.seal' && this.reseals.length < MOST_NOTES) {
      this.reseals.push({ seq, at, found: String((row.after as { found?: unknown } | null)?.found) });
    }
    if (row.action === 'database.restore' && this.restores.length < MOST_NOTES) this.restores.push({ seq, at });
  }

  /** Whether an end that was noted before is still there. */
  noted(end: ChainEnd | null): Noted {
    if (!end) return 'none';
    if (this.#found.has(`${end.seq}:${end.hash}`)) return 'ok';
    return this.#mark && end.seq < this.#mark.seq ? 'retired' : 'contradicts';
  }
}
