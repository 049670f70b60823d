import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { UsageEntry } from './interaction.ts';
import type { Tables } from './tables.ts';
import { fromUsage } from './usage-table.ts';

export interface UsageTotal {
  kind: string;
  provider: string;
  model: string;
  unit: string;
  of: string;
  quantity: number;
  costMicroUsd: number;
}

/** Adds entries that are not there yet, inside a transaction of the caller's. */
export async function insertUsage(trx: Transaction<Tables>, entries: UsageEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await trx
    .insertInto('usage_ledger')
    .values(entries.map(fromUsage))
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .execute();
}

/** What was consumed and what it cost. Written by the journal's drainer only. */
export class UsageLedger {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Totals of one client from `from` (included) to `to` (not included), the dearest first. */
  totals(clientId: string, from: Date, to: Date): Promise<UsageTotal[]> {
    return this.#db.tenant(clientId, (trx) =>
      trx
        .selectFrom('usage_ledger')
        .select(['kind', 'provider', 'model', 'unit', 'of_what as of'])
        .select(sql<number>`sum(quantity)`.as('quantity'))
        .select(sql<number>`sum(cost_micro_usd)::bigint`.as('costMicroUsd'))
        .where('cliente_id', '=', clientId)
        .where('at', '>=', from)
        .where('at', '<', to)
        .groupBy(['kind', 'provider', 'model', 'unit', 'of_what'])
        .orderBy('costMicroUsd', 'desc')
        .execute(),
    );
  }

  /** Spent by one client since `from`, in millionths of a US dollar. */
  spent(clientId: string, from: Date): Promise<number> {
    return this.#db.tenant(clientId, async (trx) => {
      const row = await trx
        .selectFrom('usage_ledger')
        .select(sql<number>`coalesce(sum(cost_micro_usd), 0)::bigint`.as('spent'))
        .where('cliente_id', '=', clientId)
        .where('at', '>=', from)
        .executeTakeFirstOrThrow();
      return row.spent;
    });
  }
}
