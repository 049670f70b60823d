import { sql } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Database } from './database.ts';

/** How a budget stands, from best to worst. `spent`: nothing is left, and vendors are called all the same. */
export const BUDGET_STATES = ['ok', 'warned', 'cheaper', 'spent', 'stopped'] as const;
export type BudgetState = (typeof BUDGET_STATES)[number];

/** `budget_claims`. */
export interface BudgetClaimsTable {
  cliente_id: string;
  since: string;
  rank: number;
  at: Date;
}

/** Which state of a client's budget was announced last, so that of several processes one speaks, also after a new start. */
export class BudgetClaims {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * Whether this process is the first to see it: the budget got worse than was announced in the period that began
   * `since` (`YYYY-MM-DD`), or, with `better`, is no longer as bad.
   */
  async claim(clientId: string, since: string, state: BudgetState, better: boolean): Promise<boolean> {
    const rank = BUDGET_STATES.indexOf(state);
    const isNews = better ? sql`c.rank > ${rank}` : sql`(c.since < ${since}::date or c.rank < ${rank})`;
    const { rows } = await this.#db.system((trx) =>
      sql`
        insert into budget_claims as c (cliente_id, since, rank, at)
        values (${clientId}, ${since}, ${rank}, ${this.#clock.date()})
        on conflict (cliente_id) do update set since = excluded.since, rank = excluded.rank, at = excluded.at
          where c.since <= excluded.since and ${isNews}
        returning rank`.execute(trx),
    );
    return rows.length > 0;
  }
}
