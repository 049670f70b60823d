import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** What was spent, who administers, what was changed, and how far each journal is written to the tables. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createLedger(db);
  await createAdmin(db);
  await createAudit(db);
  await createTable(db, {
    name: 'journal_positions',
    meaning: 'Até onde cada diário local já foi gravado nas tabelas; muda na mesma transação que as linhas.',
    columns: [
      ['journal_id', 'text primary key', 'Diário (um por processo).'],
      ['segment', 'integer not null', 'Arquivo do diário.'],
      ['position', 'bigint not null', 'Byte seguinte ao último registro gravado.'],
      ['updated_at', 'timestamptz not null default now()', 'Última gravação.'],
    ],
  });
}

async function createLedger(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'usage_ledger',
    meaning: 'Consumo de cada tentativa em cada fornecedor, e quanto custou.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['idempotency_key', 'text not null unique', 'Garante que o mesmo consumo não entra duas vezes.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['balcao_id', 'text', 'Balcão.'],
      ['interacao_id', 'integer', 'Interação que causou o consumo.'],
      ['at', 'timestamptz not null', 'Quando.'],
      ['kind', 'text not null', 'Tipo de fornecedor: stt, llm, ….'],
      ['provider', 'text not null', 'Fornecedor.'],
      ['model', 'text not null', 'Modelo cobrado, com o nome que o fornecedor lhe dá.'],
      ['unit', 'text not null', 'Unidade: second, character, token ou request.'],
      ['of_what', 'text not null', 'O que se mediu: audio_in, audio_out, text_in, text_in_cached ou text_out.'],
      ['quantity', 'double precision not null', 'Quantidade, na unidade.'],
      ['cost_micro_usd', 'bigint not null', 'Custo, em milionésimos de US$.'],
      ['price_version', 'text', 'Versão (data) da tabela de preços usada; NULL: preço desconhecido.'],
    ],
  });
  await sql`create index usage_ledger_client on usage_ledger (cliente_id, at)`.execute(db);
  await sql`create index usage_ledger_interaction on usage_ledger (interacao_id)`.execute(db);
  await isolateTenants(db, 'usage_ledger');
  await sql`grant usage, select on sequence usage_ledger_id_seq to balto_app`.execute(db);
}

async function createAdmin(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'admin_users',
    meaning: 'Quem administra o Balto.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID).'],
      ['email', 'text', 'E-mail; o primeiro dono pode não ter.'],
      ['name', 'text not null', 'Nome.'],
      ['role', "text not null check (role in ('owner', 'admin', 'viewer'))", 'Papel: owner, admin ou viewer.'],
      ['password_hash', 'text not null', 'Senha, por scrypt com sal.'],
      ['created_at', 'timestamptz not null default now()', 'Quando foi criado.'],
      ['disabled_at', 'timestamptz', 'Quando perdeu o acesso; NULL: tem acesso.'],
    ],
  });
  await sql`create unique index admin_users_email on admin_users (lower(email))`.execute(db);
  await createTable(db, {
    name: 'admin_sessions',
    meaning: 'Sessões abertas de administração.',
    columns: [
      ['token_hash', 'text primary key', 'SHA-256 do valor do cookie; o valor em si não é guardado.'],
      ['user_id', 'text not null references admin_users on delete cascade deferrable', 'De quem é.'],
      ['created_at', 'timestamptz not null', 'Quando foi aberta.'],
      ['seen_at', 'timestamptz not null', 'Último uso: sem uso por 1 hora, acaba.'],
      ['address', 'text', 'Endereço de onde foi aberta.'],
    ],
  });
  await sql`create index admin_sessions_user on admin_sessions (user_id)`.execute(db);
}

async function createAudit(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'audit_log',
    meaning: 'Registro do que foi mudado, por quem e por quê. Só cresce.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['at', 'timestamptz not null default now()', 'Quando.'],
      ['actor', 'text not null', 'Quem: admin:<id>, cli, system, balcao:<id>.'],
      ['action', 'text not null', 'O que foi feito, por exemplo counter.revoke.'],
      ['target', 'text not null', 'Em quê, por exemplo counter:<id>.'],
      ['cliente_id', 'text', 'Cliente atingido; NULL: nenhum em particular.'],
      ['why', 'text', 'Motivo dito por quem mudou.'],
      ['before', 'jsonb', 'Como era, sem segredos.'],
      ['after', 'jsonb', 'Como ficou, sem segredos.'],
      ['address', 'text', 'Endereço de onde veio.'],
    ],
  });
  await sql`create index audit_log_at on audit_log (at desc, id desc)`.execute(db);
  await isolateTenants(db, 'audit_log');
  await sql`revoke insert, update, delete on audit_log from balto_app`.execute(db);
}
