import { type Kysely, sql } from 'kysely';

/**
 * What a simulation reads by. The embedded database gathers no statistics: there the planner took a client's whole ledger
 * for one interaction's lines, unless one index has both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index usage_ledger_interaction`.execute(db);
  await sql`create index usage_ledger_interaction on usage_ledger (interacao_id, cliente_id)`.execute(db);
}
