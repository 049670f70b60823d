import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../contracts/index.ts';
import { type AppliedVersion, toAppliedVersion } from './config-table.ts';
import type { Database } from './database.ts';

/** A process that tells nothing for this long is gone, whatever became of it. */
const GONE_MS = 3_600_000;
/** Longer than three reports: it hangs, or the database is away from it. */
const SILENT_MS = 20_000;

/** A process and what it applies; `silent`: it has not told for a while. */
export interface AppliedProcess extends AppliedVersion {
  silent: boolean;
  /** Whether it is the process that answers. */
  own: boolean;
}

/** What each process tells the others of the version it applies: `config_applied`. */
export class ProcessReports {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #processId = randomUUID();
  readonly #startedAt: Date;
  #isKnown = false;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#startedAt = clock.date();
  }

  /** This process as it is, whether or not the others can be told. */
  own(version: number, sessions: Record<string, number>): AppliedProcess {
    const now = this.#clock.date();
    const told = { version, sessions, startedAt: this.#startedAt, seenAt: now };
    return { processId: this.#processId, host: hostname(), pid: process.pid, ...told, silent: false, own: true };
  }

  async tell(version: number, sessions: Record<string, number>): Promise<void> {
    const now = this.#clock.date();
    const told = { version, seen_at: now, sessions: JSON.stringify(sessions) };
    const row = {
      process_id: this.#processId,
      host: hostname(),
      pid: process.pid,
      started_at: this.#startedAt,
      ...told,
    };
    await this.#db.system(async (trx) => {
      await trx
        .insertInto('config_applied')
        .values(row)
        .onConflict((conflict) => conflict.column('process_id').doUpdateSet(told))
        .execute();
      if (this.#isKnown) return;
      // Each process that starts clears away what others left behind.
      await trx
        .deleteFrom('config_applied')
        .where('seen_at', '<', new Date(now.getTime() - GONE_MS))
        .execute();
    });
    this.#isKnown = true;
  }

  async list(): Promise<AppliedProcess[]> {
    const now = this.#clock.date().getTime();
    const rows = await this.#db.system((trx) =>
      trx.selectFrom('config_applied').selectAll().orderBy('started_at').orderBy('process_id').limit(1000).execute(),
    );
    return rows
      .map(toAppliedVersion)
      .filter(({ seenAt }) => now - seenAt.getTime() < GONE_MS)
      .map((each) => ({
        ...each,
        silent: now - each.seenAt.getTime() > SILENT_MS,
        own: each.processId === this.#processId,
      }))
      .sort((a, b) => Number(b.own) - Number(a.own));
  }

  /** This process ends. */
  async leave(): Promise<void> {
    if (!this.#isKnown || this.#db.status().state !== 'ready') return;
    await this.#db.system((trx) =>
      trx.deleteFrom('config_applied').where('process_id', '=', this.#processId).execute(),
    );
  }
}
