import type { Transaction } from 'kysely';
import type { UsageEntry } from './interaction.ts';
import type { Tables } from './tables.ts';
import { fromUsage } from './usage-table.ts';

/** Adds entries that are not there yet, inside a transaction of the caller's. */
export async function insertUsage(trx: Transaction<Tables>, entries: UsageEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await trx
    .insertInto('usage_ledger')
    .values(entries.map(fromUsage))
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .execute();
}
