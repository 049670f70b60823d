import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** Clients, their counters, employees and shifts, and the role that sees one client at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists unaccent`.execute(db);
  await sql`create extension if not exists pg_trgm`.execute(db);
  await createRole(db);
  await createClients(db);
  await createCounters(db);
  await createEmployees(db);
}

/** Roles belong to the whole server: another database of it, or another process, may be creating it right now. */
async function createRole(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'balto_app') then
        create role balto_app nologin nobypassrls;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(db);
  // From version 16 on, whoever creates a role is its member without the right to act as it.
  await sql`
    do $$
    declare needed text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
    begin
      if not pg_has_role(current_user, 'balto_app', needed) then
        execute format('grant balto_app to %I', current_user);
      end if;
    end $$`.execute(db);
  await sql`grant usage on schema public to balto_app`.execute(db);
}

async function createClients(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'clientes',
    meaning: 'Clientes: a farmácia ou rede dona dos balcões.',
    columns: [
      ['cliente_id', 'text primary key', 'Identificador do cliente (UUID).'],
      ['email', 'text not null', 'E-mail de contato; não se repete, sem diferenciar maiúsculas.'],
      ['razao_social', 'text not null', 'Razão social.'],
      ['telefone', 'text', 'Telefone de contato.'],
      [
        'codigo_hash',
        'text unique',
        'HMAC do código de 6 dígitos que cadastra balcões; o código em si não é guardado.',
      ],
      [
        'codigo_criado_em',
        'timestamptz',
        'Quando o código foi criado: balcões dos primeiros 30 minutos entram ativos.',
      ],
      ['codigo_expira_em', 'timestamptz', 'Até quando o código vale.'],
      ['vad_config', "jsonb not null default '{}'", 'Ajustes de escuta de todos os balcões do cliente.'],
      ['criado_em', 'timestamptz not null default now()', 'Quando o cliente foi cadastrado.'],
    ],
  });
  await sql`create unique index clientes_email on clientes (lower(email))`.execute(db);
  await isolateTenants(db, 'clientes');
  await sql`
    create view users with (security_invoker = true) as
      select cliente_id as user_id, email, razao_social, telefone from clientes`.execute(db);
  await sql`comment on view users is 'Nome antigo de clientes, para consultas que já existem.'`.execute(db);
  for (const [column, meaning] of [
    ['user_id', 'cliente_id.'],
    ['email', 'E-mail de contato.'],
    ['razao_social', 'Razão social.'],
    ['telefone', 'Telefone de contato.'],
  ]) {
    await sql.raw(`comment on column users.${column} is '${meaning}'`).execute(db);
  }
  await sql`grant select on users to balto_app`.execute(db);
}

async function createCounters(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'balcoes',
    meaning: 'Balcões: cada ponto de atendimento que envia áudio.',
    columns: [
      ['balcao_id', 'text primary key', 'Identificador do balcão (UUID).'],
      ['cliente_id', 'text not null', 'Cliente dono do balcão.'],
      ['user_id', 'text generated always as (cliente_id) stored', 'Igual a cliente_id: nome antigo da coluna.'],
      ['nome_balcao', 'text not null', 'Nome do balcão.'],
      [
        'situacao',
        "text not null default 'active' check (situacao in ('active', 'pending', 'suspended', 'revoked'))",
        'active: atende; pending: espera aprovação; suspended: suspenso; revoked: chave revogada.',
      ],
      ['chave_prefixo', 'text not null', 'Início da chave: serve para achá-la e para reconhecê-la no painel.'],
      ['chave_hash', 'text not null unique', 'SHA-256 da chave; a chave em si não é guardada.'],
      [
        'vad_config',
        "jsonb not null default '{}'",
        'Ajustes de escuta deste balcão: prevalecem sobre todos os outros.',
      ],
      ['criado_em', 'timestamptz not null default now()', 'Quando o balcão foi cadastrado.'],
      ['visto_em', 'timestamptz', 'Última conexão aceita.'],
    ],
    constraints: ['foreign key (cliente_id) references clientes on delete cascade deferrable'],
  });
  await sql`create index balcoes_chave_prefixo on balcoes (chave_prefixo)`.execute(db);
  await sql`create index balcoes_cliente on balcoes (cliente_id)`.execute(db);
  await isolateTenants(db, 'balcoes');
}

async function createEmployees(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'funcionarios',
    meaning: 'Funcionários com voz cadastrada.',
    columns: [
      ['id', 'serial primary key', 'Identificador do funcionário.'],
      ['cliente_id', 'text not null', 'Cliente em que trabalha.'],
      ['user_id', 'text generated always as (cliente_id) stored', 'Igual a cliente_id: nome antigo da coluna.'],
      ['nome', 'text not null', 'Nome; único dentro do cliente.'],
      ['audio_file_name', 'text', 'Nome do arquivo de áudio enviado no cadastro.'],
      ['embedding', 'bytea', 'Voz do funcionário: vetor de float32.'],
      ['embedding_modelo', 'text', 'Modelo que calculou o vetor: só se comparam vetores do mesmo modelo.'],
      ['criado_em', 'timestamptz not null default now()', 'Quando foi cadastrado.'],
    ],
    constraints: [
      'unique (cliente_id, nome)',
      'unique (id, cliente_id)',
      'foreign key (cliente_id) references clientes on delete cascade deferrable',
    ],
  });
  await createTable(db, {
    name: 'funcionario_turnos',
    meaning: 'Turnos: quem não tem nenhum está sempre de turno.',
    columns: [
      ['id', 'serial primary key', 'Identificador do turno.'],
      ['cliente_id', 'text not null', 'Cliente do funcionário.'],
      ['funcionario_id', 'integer not null', 'Funcionário.'],
      ['dia_semana', 'integer not null check (dia_semana between 0 and 6)', '0 = segunda-feira … 6 = domingo.'],
      ['hora_inicio', 'time not null', 'Início, incluído, no fuso do cliente.'],
      ['hora_fim', 'time not null', 'Fim, incluído; antes do início, o turno passa da meia-noite.'],
    ],
    constraints: [
      'foreign key (funcionario_id, cliente_id) references funcionarios (id, cliente_id) on delete cascade deferrable',
    ],
  });
  await sql`create index funcionario_turnos_funcionario on funcionario_turnos (funcionario_id)`.execute(db);
  for (const table of ['funcionarios', 'funcionario_turnos']) {
    await isolateTenants(db, table);
    await sql.raw(`grant usage, select on sequence ${table}_id_seq to balto_app`).execute(db);
  }
}
