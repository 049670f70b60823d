import type { Selectable, Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import { type ChainEnd, hashOf } from './audit-chain.ts';
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
  /** changed: not what was written; missing: not there; unlinked: what stood before it was rewritten; unchained: no hash; cut: the end is not there. */
  what: 'changed' | 'missing' | 'unlinked' | 'unchained' | 'cut';
}

export interface AuditReport {
  ok: boolean;
  rows: number;
  /** Note it down elsewhere: `--expect` holds the log against it another day. */
  end: ChainEnd | null;
  firstBroken: Break | null;
  /** Of the end of the chain. */
  seal: SealState;
  /** What this machine had seen of the log, and the caller's own note: whether the log still has it. */
  witness: 'ok' | 'none' | 'contradicts';
  expected: 'ok' | 'none' | 'contradicts';
  /** `at` in ISO 8601. Rows that say the seal had been taken away or broken when they were written. The first of a log is normal. */
  reseals: { seq: number; at: string; found: string }[];
  restores: { seq: number; at: string }[];
}

type Row = Selectable<AuditTable>;

const PAGE_ROWS = 500;
/** Of each kind that a report names. */
const MOST_NOTES = 100;

/** Walks the whole chain, page by page, while the server may go on writing. `expected`: an end that was noted before. */
export async function verifyAudit(
  { db, secrets, witness }: { db: Database; secrets: Secrets; witness: AuditWitness },
  expected: ChainEnd | null = null,
): Promise<AuditReport> {
  const seen = await witness.read();
  const walk = new Walk([...(seen ? [seen] : []), ...(expected ? [expected] : [])]);
  let page: Row[];
  do {
    page = await db.system((trx) => pageAfter(trx, walk.end?.seq ?? null));
    for (const row of page) walk.take(row);
  } while (page.length === PAGE_ROWS);
  return await db.system(async (trx) => {
    // What came meanwhile, and the end, as one moment saw them.
    const head = await trx.selectFrom('audit_head').selectAll().forUpdate().executeTakeFirst();
    for (const row of await pageAfter(trx, walk.end?.seq ?? null)) walk.take(row);
    const stray = await trx.selectFrom('audit_log').select('id').where('hash', 'is', null).limit(1).executeTakeFirst();
    const seal = head ? sealState(secrets, { ...head, keyId: head.key_id }) : 'none';
    const firstBroken = walk.broken ?? strayBreak(stray) ?? cutBreak(walk.end, head);
    const noted = (end: ChainEnd | null) => (end ? (walk.has(end) ? 'ok' : 'contradicts') : 'none');
    const report = { seal, witness: noted(seen), expected: noted(expected), reseals: walk.reseals } as const;
    return {
      ok: firstBroken === null && isTrusted(report, walk.rows),
      rows: walk.rows,
      end: walk.end,
      firstBroken,
      ...report,
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

/** An empty log that was never written to needs no seal; after that each seal but the very first must have been there. */
function isTrusted(report: Pick<AuditReport, 'seal' | 'witness' | 'expected' | 'reseals'>, rows: number): boolean {
  const isSealed = report.seal === 'ok' || (report.seal === 'none' && report.reseals.length === 0 && rows === 0);
  const areNormal = report.reseals.every(({ found }, index) => found === 'none' && index === 0);
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

async function pageAfter(trx: Transaction<Tables>, seq: number | null): Promise<Row[]> {
  let query = trx.selectFrom('audit_log').selectAll().where('hash', 'is not', null).orderBy('seq').limit(PAGE_ROWS);
  if (seq !== null) query = query.where('seq', '>', seq);
  return await query.execute();
}

class Walk {
  rows = 0;
  end: ChainEnd | null = null;
  broken: Break | null = null;
  readonly reseals: AuditReport['reseals'] = [];
  readonly restores: AuditReport['restores'] = [];
  readonly #wanted: ChainEnd[];
  readonly #found = new Set<string>();

  constructor(wanted: ChainEnd[]) {
    this.#wanted = wanted;
  }

  take(row: Row): void {
    const seq = row.seq ?? 0;
    const due = (this.end?.seq ?? 0) + 1;
    this.broken ??= this.#breakOf(row, seq, due);
    this.rows += 1;
    this.end = { seq, hash: row.hash ?? '' };
    if (this.#wanted.some((end) => end.seq === seq && end.hash === row.hash)) this.#found.add(`${seq}:${row.hash}`);
    const at = row.at.toISOString();
    if (row.action === 'audit.seal' && this.reseals.length < MOST_NOTES) {
      this.reseals.push({ seq, at, found: String((row.after as { found?: unknown } | null)?.found) });
    }
    if (row.action === 'database.restore' && this.restores.length < MOST_NOTES) this.restores.push({ seq, at });
  }

  has({ seq, hash }: ChainEnd): boolean {
    return this.#found.has(`${seq}:${hash}`);
  }

  #breakOf(row: Row, seq: number, due: number): Break | null {
    if (seq !== due) return { seq: due, id: null, what: 'missing' };
    if (hashOf({ ...row, seq }) !== row.hash) return { seq, id: row.id, what: 'changed' };
    return row.previous_hash === (this.end?.hash ?? null) ? null : { seq, id: row.id, what: 'unlinked' };
  }
}
