import { type Kysely, sql } from 'kysely';
import { createTable } from './support/table.ts';

/** What the administration API keeps of its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'idempotency_keys',
    meaning: 'Respostas de pedidos com Idempotency-Key, por 24 horas: o mesmo pedido, repetido, não muda nada de novo.',
    columns: [
      ['principal', 'text not null', 'De quem é a chave: user:<id> ou token:<id>.'],
      ['key', 'text not null', 'Valor de Idempotency-Key.'],
      ['request_hash', 'text not null', 'HMAC do pedido: outro pedido com a mesma chave é recusado.'],
      ['status', 'integer', 'Status HTTP da resposta; NULL: o pedido ainda corre.'],
      ['answer', 'text', 'Resposta cifrada; NULL: ainda não há, ou mostrava um segredo, que não é guardado.'],
      ['at', 'timestamptz not null', 'Quando o pedido chegou.'],
    ],
    constraints: ['primary key (principal, key)'],
  });
  await sql`create index idempotency_keys_at on idempotency_keys (at)`.execute(db);
}
