import { type Kysely, sql } from 'kysely';

/**
 * What a simulation reads by. Utterances are counted and drawn by day and vendor in the index alone, which is why it holds
 * the vendor. And the embedded database gathers no statistics: there the planner took a client's whole ledger for one
 * interaction's lines, unless one index has both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index usage_ledger_interaction`.execute(db);
  await sql`create index usage_ledger_interaction on usage_ledger (interacao_id, cliente_id)`.execute(db);
  await sql`drop index interacoes_cliente`.execute(db);
  await sql`
    create index interacoes_cliente on interacoes (cliente_id, timestamp desc, id desc) include (modelo_stt)`.execute(
    db,
  );
  await sql`drop index interacoes_timestamp`.execute(db);
  await sql`create index interacoes_timestamp on interacoes (timestamp desc, id desc) include (modelo_stt)`.execute(db);
}
