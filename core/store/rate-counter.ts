import { sql } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Database } from './database.ts';

/** One stretch of time in which something is counted. */
export interface RateWindow {
  /** Names who, what and which stretch; another stretch has another name. */
  key: string;
  endsAt: Date;
}

/** Counts things per window, for all processes that share it. */
export interface RateCounter {
  /** Counts one in each window; how many there are now, this one included. */
  hit(windows: readonly RateWindow[]): Promise<number[]>;
  close(): Promise<void>;
}

/** `rate_windows`. */
export interface RateWindowsTable {
  key: string;
  used: number;
  ends_at: Date;
}

/** Windows kept by one process; the oldest are forgotten first. */
const MOST_WINDOWS = 50_000;

/** For a process that is alone, and while the shared counter cannot be reached. */
export class MemoryRates implements RateCounter {
  readonly #used = new Map<string, number>();

  async hit(windows: readonly RateWindow[]): Promise<number[]> {
    const counts = windows.map(({ key }) => {
      const used = (this.#used.get(key) ?? 0) + 1;
      this.#used.delete(key); // set again below: the map's order is that of last use
      this.#used.set(key, used);
      return used;
    });
    for (const key of this.#used.keys()) {
      if (this.#used.size <= MOST_WINDOWS) break;
      this.#used.delete(key);
    }
    return counts;
  }

  async close(): Promise<void> {}
}

const SWEEP_MS = 60_000;

/** In Postgres, where several processes share it and there is no Redis. */
export class DatabaseRates implements RateCounter {
  readonly #db: Database;
  readonly #clock: Clock;
  #sweptMs = 0;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async hit(windows: readonly RateWindow[]): Promise<number[]> {
    await this.#sweep();
    // In one order everywhere, so that two requests that count in the same windows wait for one another.
    const rows = [...windows].sort((a, b) => (a.key < b.key ? -1 : 1));
    const counted = await this.#db.system((trx) =>
      trx
        .insertInto('rate_windows')
        .values(rows.map(({ key, endsAt }) => ({ key, used: 1, ends_at: endsAt })))
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ used: sql`rate_windows.used + 1` }))
        .returning(['key', 'used'])
        .execute(),
    );
    const used = new Map(counted.map((row) => [row.key, row.used]));
    return windows.map(({ key }) => used.get(key) ?? 1);
  }

  async close(): Promise<void> {}

  async #sweep(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = now;
    const ended = this.#clock.date();
    await this.#db.system((trx) => trx.deleteFrom('rate_windows').where('ends_at', '<', ended).execute());
  }
}
