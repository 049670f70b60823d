import { type Kysely, sql } from 'kysely';

/** What administrators try out is billed like everything else, and told apart. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table usage_ledger
      drop constraint usage_ledger_purpose_check,
      add constraint usage_ledger_purpose_check
        check (purpose in ('answer', 'retry', 'hedge', 'shadow', 'probe', 'test'))`.execute(db);
  await sql`
    comment on column usage_ledger.purpose is
      'Para quê: answer (a resposta), retry (de novo ao mesmo), hedge (ao lado de um lento), shadow (só para comparar), probe (saber se o fornecedor voltou), test (experimentado por um administrador).'`.execute(
    db,
  );
}
