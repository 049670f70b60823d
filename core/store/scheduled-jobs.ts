import { sql } from 'kysely';
import type { Database } from './database.ts';
import { toJson } from './text.ts';

/** So long a job is its process’s. One that takes longer may be joined by a second: each page takes what is still there. */
const CLAIM_MS = 10 * 60_000;

/** Who does a periodic job, and when it is due: of several processes one. Times are the database's. */
export class ScheduledJobs {
  readonly #db: Database;
  readonly #owner: string;

  /** `owner` names this process, as no other was or will be named. */
  constructor(db: Database, owner: string) {
    this.#db = db;
    this.#owner = owner;
  }

  /** Takes a job that is due, and that nobody has; the first time it is due at once. */
  claim(name: string): Promise<boolean> {
    return this.#db.system(async (trx) => {
      await trx
        .insertInto('scheduled_jobs')
        .values({ name, next_at: sql<Date>`now()` })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const taken = await trx
        .updateTable('scheduled_jobs')
        .set({ claimed_by: this.#owner, claimed_until: inMs(CLAIM_MS) })
        .where('name', '=', name)
        .where('next_at', '<=', sql<Date>`now()`)
        .where((where) => where.or([where('claimed_until', 'is', null), where('claimed_until', '<', sql<Date>`now()`)]))
        .returning('name')
        .executeTakeFirst();
      return taken !== undefined;
    });
  }

  /** It is done: due again in `everyMs`. */
  async finish(name: string, everyMs: number, result: object): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .updateTable('scheduled_jobs')
        .set({
          next_at: inMs(everyMs),
          claimed_by: null,
          claimed_until: null,
          last_at: sql<Date>`now()`,
          last_result: toJson(result),
        })
        .where('name', '=', name)
        .where('claimed_by', '=', this.#owner)
        .execute(),
    );
  }

  /** It failed: whoever asks next may take it. */
  async release(name: string): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .updateTable('scheduled_jobs')
        .set({ claimed_by: null, claimed_until: null })
        .where('name', '=', name)
        .where('claimed_by', '=', this.#owner)
        .execute(),
    );
  }
}

function inMs(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
