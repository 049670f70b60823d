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
  await createReviews(db);
  await createAlerts(db);
}

async function createReviews(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'avaliacoes',
    meaning: 'O que quem ouviu achou de uma fala e do cartão. Apagada com a interação.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['interacao_id', 'integer not null references interacoes on delete cascade deferrable', 'Fala avaliada.'],
      ['autor', 'text not null', 'Quem avaliou: admin:<id> ou token:<id>.'],
      ['criado_em', 'timestamptz not null', 'Quando.'],
      ['transcricao_ok', 'boolean not null', 'A transcrição está certa.'],
      ['texto_corrigido', 'text', 'O que foi dito, quando a transcrição está errada e se sabe.'],
      ['palavras', 'integer', 'Palavras do que foi dito; NULL: ninguém disse o que é o certo.'],
      ['erros', 'integer', 'Palavras a pôr, tirar ou trocar na transcrição para chegar ao que foi dito.'],
      ['provedor', 'text', 'Provedor que transcreveu.'],
      ['recomendacao', "text check (recomendacao in ('util', 'errada', 'insegura'))", 'Do cartão; NULL: não avaliado.'],
      ['nota', 'text', 'Observação.'],
      ['substituida_em', 'timestamptz', 'Quando outra do mesmo autor tomou o lugar; NULL: é a que vale.'],
    ],
  });
  await sql`
    create unique index avaliacoes_atual on avaliacoes (interacao_id, autor) where substituida_em is null`.execute(db);
  await sql`create index avaliacoes_interacao on avaliacoes (interacao_id)`.execute(db);
  await sql`create index avaliacoes_cliente on avaliacoes (cliente_id, criado_em)`.execute(db);
  await sql`create index avaliacoes_criado_em on avaliacoes (criado_em)`.execute(db);
  await isolateTenants(db, 'avaliacoes');
  await sql`grant usage, select on sequence avaliacoes_id_seq to balto_app`.execute(db);
}

async function createAlerts(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'alertas',
    meaning: 'O que alguém precisa ver, até que alguém diga que viu.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['cliente_id', 'text', 'Cliente; NULL: da instalação.'],
      ['tipo', 'text not null', 'O que houve, por exemplo review.insegura.'],
      ['assunto', 'text not null', 'Em quê, por exemplo interaction:12.'],
      ['criado_em', 'timestamptz not null', 'Quando.'],
      ['reconhecido_em', 'timestamptz', 'Quando alguém disse que viu; NULL: aberto.'],
      ['reconhecido_por', 'text', 'Quem disse.'],
    ],
  });
  await sql`create unique index alertas_aberto on alertas (tipo, assunto) where reconhecido_em is null`.execute(db);
  await sql`create index alertas_cliente on alertas (cliente_id, id)`.execute(db);
  await isolateTenants(db, 'alertas');
  await sql`grant usage, select on sequence alertas_id_seq to balto_app`.execute(db);
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
