import { sql } from 'kysely';
import type { Database } from './database.ts';
import { type ProviderHealthRow, type StoredProviderHealth, toProviderHealth } from './provider-health-table.ts';

/** A transaction that began earlier may end later: this much of what was read is read again. */
const OVERLAP_S = 5;
/** How long ago a process that starts still believes. */
const RECENT_S = 600;
const FORGOTTEN_DAYS = 7;
/** More candidates than change at once. */
const MAX_ROWS = 5000;

/** What processes tell one another of providers: `provider_health`. All times are the database's: machines' clocks differ. */
export class ProviderHealthRows {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** `process` names the one that found it. */
  async write(process: string, rows: readonly ProviderHealthRow[]): Promise<void> {
    if (rows.length === 0) return;
    const values = rows.map(({ restMs, ...row }) => ({
      ...row,
      until: restMs > 0 ? sql<Date>`clock_timestamp() + ${restMs}::float8 * interval '1 ms'` : null,
      at: sql<Date>`clock_timestamp()`,
      process,
    }));
    await this.#db.system((trx) =>
      trx
        .insertInto('provider_health')
        .values(values)
        .onConflict((conflict) =>
          conflict.columns(['key', 'process']).doUpdateSet((row) => ({
            address: row.ref('excluded.address'),
            state: row.ref('excluded.state'),
            degraded: row.ref('excluded.degraded'),
            reason: row.ref('excluded.reason'),
            until: row.ref('excluded.until'),
            at: row.ref('excluded.at'),
          })),
        )
        .execute(),
    );
  }

  /**
   * What others found since `since`, which is the `now` of the reading before; null: of the last ten minutes. A change may
   * come twice.
   */
  async others(process: string, since: Date | null): Promise<{ now: Date; rows: StoredProviderHealth[] }> {
    const from = since
      ? sql<Date>`${since}::timestamptz - ${OVERLAP_S} * interval '1 s'`
      : sql<Date>`clock_timestamp() - ${RECENT_S} * interval '1 s'`;
    return this.#db.system(async (trx) => {
      const now = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(trx);
      const rows = await trx
        .selectFrom('provider_health')
        .selectAll()
        .select(sql<number | null>`extract(epoch from until - clock_timestamp())::float8 * 1000`.as('rest_ms'))
        .where('at', '>', from)
        .where('process', '<>', process)
        .orderBy('at')
        .limit(MAX_ROWS)
        .execute();
      return { now: now.rows[0]?.now ?? new Date(0), rows: rows.map(toProviderHealth) };
    });
  }

  /** Clears away what nobody has changed for a week. */
  async forget(): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .deleteFrom('provider_health')
        .where('at', '<', sql<Date>`clock_timestamp() - ${FORGOTTEN_DAYS} * interval '1 day'`)
        .execute(),
    );
  }
}
