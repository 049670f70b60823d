import { sql, type Transaction } from 'kysely';
import type { Clock, Log } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { ChainEnd } from './audit-chain.ts';
import { putRetiredMark, type RetiredMark, type RetiredRows, retiredMark } from './audit-retired.ts';
import type { SealedEnd } from './audit-seal.ts';
import { type Break, breakOf, rowsAfter } from './audit-verify.ts';
import type { Database } from './database.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** No younger row goes, whatever is configured: the database's own guard says the same. */
const LEAST_AUDIT_YEARS = 5;

/** What one round did. */
export interface AuditRetired {
  rows: number;
  /** What is wrong at the row where it stopped: what shows that somebody touched the log is not thrown away. */
  broken: Break | null;
}

interface PageDone extends AuditRetired {
  end: SealedEnd | null;
  isLast: boolean;
}

/**
 * Lets go of the oldest rows of the audit, whole months of them, a page at a time. Where the chain begins then is written
 * and sealed in the transaction that deletes them, and told by a row of the chain itself (`audit.retire`).
 */
export class AuditRetention {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(options: { db: Database; secrets: Secrets; audit: Audit; clock: Clock; log: Log }) {
    this.#db = options.db;
    this.#secrets = options.secrets;
    this.#audit = options.audit;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Rows of the months that ended `years` ago or earlier; `signal` ends it between two pages. */
  async run(years: number, signal: AbortSignal): Promise<AuditRetired> {
    const before = cutOf(this.#clock.date(), Math.max(years, LEAST_AUDIT_YEARS));
    const done: AuditRetired = { rows: 0, broken: null };
    for (let isLast = false; !isLast && !signal.aborted; ) {
      const page = await this.#db.system((trx) => this.#page(trx, before));
      const { end } = page;
      if (end) await this.#db.afterCommit(() => this.#audit.noted(end));
      done.rows += page.rows;
      done.broken = page.broken;
      isLast = page.isLast;
    }
    if (done.broken) this.#log.error({ ...done.broken }, 'the audit does not hold: none of it is retired from here on');
    return done;
  }

  /** After a rotation of keys: the mark is sealed with the one in use. @returns whether it was not. */
  reseal(): Promise<boolean> {
    return this.#db.system(async (trx) => {
      const mark = await this.#locked(trx);
      if (!mark || mark.isCurrent || mark.seal === 'wrong') return false;
      await putRetiredMark(trx, this.#secrets, mark);
      return true;
    });
  }

  async #page(trx: Transaction<Tables>, before: Date): Promise<PageDone> {
    const mark = await this.#locked(trx);
    const nothing = { rows: 0, broken: null, end: null, isLast: true };
    if (mark?.seal === 'wrong') return { ...nothing, broken: { seq: mark.seq, id: null, what: 'anchor' } };
    const page = await rowsAfter(trx, mark?.seq ?? null);
    let last: ChainEnd | null = mark;
    let broken: Break | null = null;
    let [rows, seals] = [0, 0];
    let newestAt = mark?.newestAt ?? new Date(0);
    for (const row of page) {
      if (row.at >= before) break;
      broken = breakOf(row, last);
      if (broken) break;
      last = { seq: row.seq ?? 0, hash: row.hash ?? '' };
      rows += 1;
      if (row.action === 'audit.seal') seals += 1;
      if (row.at > newestAt) newestAt = row.at;
    }
    if (!last || rows === 0) return { ...nothing, broken };
    const retired = { ...last, rows: (mark?.rows ?? 0) + rows, seals: (mark?.seals ?? 0) + seals, newestAt };
    const end = await this.#retire(trx, { ...retired, retiredAt: this.#clock.date() }, rows);
    return { rows, broken, end, isLast: rows < page.length || broken !== null };
  }

  /** The row that tells of it comes first: the log is never empty. */
  async #retire(trx: Transaction<Tables>, mark: RetiredRows, rows: number): Promise<SealedEnd> {
    const { seq, hash, newestAt } = mark;
    const end = await this.#audit.appendIn(trx, {
      actor: 'system',
      action: 'audit.retire',
      target: 'audit',
      after: { rows, upTo: { seq, hash }, newestAt: newestAt.toISOString() },
    });
    await putRetiredMark(trx, this.#secrets, mark);
    await sql`delete from audit_log where seq <= ${seq}`.execute(trx);
    return end;
  }

  /** One at a time moves the mark; until this transaction ends, the guard lets what it covers go. */
  async #locked(trx: Transaction<Tables>): Promise<RetiredMark | null> {
    await sql`select pg_advisory_xact_lock(hashtext('audit_retired'))`.execute(trx);
    await sql`select set_config('balto.auditoria', 'aposentar', true)`.execute(trx);
    return await retiredMark(trx, this.#secrets);
  }
}

/** The first moment (UTC) of this month, so many years ago: once a month there is something to do, not once an hour. */
function cutOf(now: Date, years: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear() - years, now.getUTCMonth(), 1));
}
