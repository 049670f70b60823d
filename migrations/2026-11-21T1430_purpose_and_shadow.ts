import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** What each attempt was for, and what a second provider heard beside the one that answered. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table usage_ledger add column purpose text not null default 'answer'
      check (purpose in ('answer', 'retry', 'hedge', 'shadow'))`.execute(db);
  await sql`
    comment on column usage_ledger.purpose is
      'Para quê: answer (a resposta), retry (de novo ao mesmo), hedge (ao lado de um lento), shadow (só para comparar).'`.execute(
    db,
  );
  await createTable(db, {
    name: 'shadow_results',
    meaning:
      'O que um segundo fornecedor entendeu de uma fala já respondida, só para comparar. Apagado com a interação.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['idempotency_key', 'text not null unique', 'Garante que a mesma comparação não entra duas vezes.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      [
        'interacao_id',
        'integer not null references interacoes on delete cascade deferrable',
        'Fala que foi comparada.',
      ],
      ['at', 'timestamptz not null', 'Quando.'],
      ['answer_provider', 'text not null', 'Fornecedor que respondeu ao balcão.'],
      ['answer_text', 'text not null', 'O que ele entendeu desta fala, antes dos filtros.'],
      ['provider', 'text not null', 'Fornecedor em comparação.'],
      ['model', 'text', 'Modelo dele.'],
      [
        'outcome',
        "text not null check (outcome in ('answered', 'empty', 'failed', 'aborted'))",
        'answered: com texto; empty: disse que não havia fala; failed: falhou; aborted: abandonado no meio.',
      ],
      ['text', 'text', 'O que entendeu; NULL: não respondeu.'],
      ['error_code', 'text', 'Código da falha; NULL: não falhou.'],
      ['duration_ms', 'integer not null', 'Milissegundos do pedido à resposta.'],
      ['cost_micro_usd', 'bigint not null', 'Custo, em milionésimos de US$; está também em usage_ledger.'],
    ],
  });
  await sql`create index shadow_results_client on shadow_results (cliente_id, at)`.execute(db);
  await sql`create index shadow_results_interaction on shadow_results (interacao_id)`.execute(db);
  await isolateTenants(db, 'shadow_results');
  await sql`grant usage, select on sequence shadow_results_id_seq to balto_app`.execute(db);
}
