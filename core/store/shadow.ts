import { sql, type Transaction } from 'kysely';
import type { Shadow } from './interaction.ts';
import { fromShadow } from './shadow-table.ts';
import type { Tables } from './tables.ts';

/** Keeps a comparison, once, and only while its interaction is there: what was erased must not come back. */
export async function insertShadow(trx: Transaction<Tables>, interactionId: number, shadow: Shadow): Promise<void> {
  const found = await trx
    .selectFrom('interacoes')
    .select(sql`1`.as('one'))
    .where('id', '=', interactionId)
    .where('cliente_id', '=', shadow.clientId)
    .executeTakeFirst();
  if (!found) return;
  await trx
    .insertInto('shadow_results')
    .values(fromShadow(interactionId, shadow))
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .execute();
}
