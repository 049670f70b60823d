import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

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
  await createLiveSessions(db);
}

/** Lost at a crash of the database, as it should be: whoever is connected then is told anew. */
async function createLiveSessions(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'live_sessions',
    meaning: 'Balcões conectados agora, como cada processo os disse por último; vale enquanto seen_at é recente.',
    columns: [
      ['session_id', 'text collate "C" primary key', 'Sessão.'],
      ['process_id', 'text not null', 'Processo que a atende.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['balcao_id', 'text not null', 'Balcão.'],
      ['counter_name', 'text not null', 'Nome do balcão quando conectou.'],
      ['protocol', 'integer not null', 'Versão do protocolo: 1 ou 2.'],
      ['since', 'timestamptz(3) not null', 'Desde quando.'],
      ['bytes', 'bigint not null', 'Bytes de áudio recebidos.'],
      ['config_version', 'integer not null', 'Versão da configuração na última fala.'],
      ['providers', 'jsonb not null', 'Quem respondeu por último: {"stt": …, "llm": …}.'],
      ['last_utterance_at', 'timestamptz', 'Quando falou por último; NULL: ainda não.'],
      ['seen_at', 'timestamptz not null', 'Último sinal do processo.'],
    ],
  });
  await sql`alter table live_sessions set unlogged`.execute(db);
  await sql`create index live_sessions_process on live_sessions (process_id)`.execute(db);
  await isolateTenants(db, 'live_sessions');
  await sql`revoke insert, update, delete on live_sessions from balto_app`.execute(db);
}
