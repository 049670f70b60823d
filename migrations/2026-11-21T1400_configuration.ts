import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** The configuration in versions, drafts of it, which process applies which version, and the vendors' keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createVersions(db);
  await createDrafts(db);
  await createApplied(db);
  await createCredentials(db);
  await extendTenants(db);
}

const OF_CLIENT = 'foreign key (cliente_id) references clientes on delete cascade deferrable';
const OF_COUNTER = 'foreign key (balcao_id) references balcoes on delete cascade deferrable';
/** What belongs to a counter belongs to its client. */
const COUNTER_HAS_CLIENT = 'check (balcao_id is null or cliente_id is not null)';

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'config_versions',
    meaning: 'Versões da configuração: uma por mudança, numa só sequência. Só cresce.',
    columns: [
      ['version', 'serial primary key', 'Número da versão; o de cada interação está em interacoes.versao_config.'],
      ['at', 'timestamptz not null', 'Quando passou a valer.'],
      ['actor', 'text not null', 'Quem: admin:<id>, token:<id>, cli ou system.'],
      ['why', 'text', 'Motivo dito por quem mudou.'],
      ['cliente_id', 'text', 'Cliente a que se restringe; NULL: global, ou de mais de um.'],
      [
        'kind',
        "text not null check (kind in ('seed', 'change', 'rollback'))",
        'seed: semeada do ambiente; change: mudança; rollback: volta a uma versão anterior.',
      ],
      ['rolled_back_to', 'integer', 'Versão a que voltou, quando kind é rollback.'],
      ['changes', "jsonb not null default '[]'", 'O que mudou, sem segredos: antes e depois de cada seção.'],
    ],
    constraints: [OF_CLIENT],
  });
  await createTable(db, {
    name: 'config_items',
    meaning: 'Seções da configuração como cada versão as deixou; vale a mais nova de cada lugar. Só cresce.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['version', 'integer not null references config_versions on delete cascade deferrable', 'Versão que a escreveu.'],
      ['cliente_id', 'text', 'Cliente; NULL: global.'],
      ['balcao_id', 'text', 'Balcão; NULL: todos os do cliente.'],
      [
        'section',
        'text not null',
        'Seção: providers.<tipo>, routing, credentials.<fornecedor>, limits, budget ou prices.',
      ],
      ['value', 'jsonb', 'Valor da seção; NULL: retirada. Chaves aparecem só pelo identificador.'],
    ],
    constraints: [OF_CLIENT, OF_COUNTER, COUNTER_HAS_CLIENT],
  });
  await sql`create index config_items_version on config_items (version, id)`.execute(db);
  await sql`
    create index config_items_place on config_items
      (coalesce(cliente_id, ''), coalesce(balcao_id, ''), section, version desc)`.execute(db);
  await sql`create index config_versions_client on config_versions (cliente_id, version)`.execute(db);
  for (const table of ['config_versions', 'config_items']) {
    await isolateTenants(db, table);
    await sql.raw(`revoke insert, update, delete on ${table} from balto_app`).execute(db);
  }
}

async function createDrafts(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'config_drafts',
    meaning: 'Rascunhos de mudanças de configuração, antes de valerem.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID).'],
      ['cliente_id', 'text', 'Cliente; NULL: global.'],
      ['balcao_id', 'text', 'Balcão; NULL: todos os do cliente.'],
      [
        'base_version',
        'integer not null',
        'Versão em vigor quando foi feito: mudanças mais novas nos mesmos lugares o recusam.',
      ],
      ['changes', 'jsonb not null', 'Mudanças pedidas, sem segredos.'],
      ['author', 'text not null', 'Quem fez: admin:<id> ou token:<id>.'],
      ['created_at', 'timestamptz not null', 'Quando foi feito.'],
      ['validation', 'jsonb', 'O que a última validação achou; NULL: ainda não foi validado.'],
      [
        'state',
        "text not null check (state in ('open', 'valid', 'refused', 'active', 'discarded'))",
        'open: por validar; valid: pode valer; refused: recusado; active: em vigor ou já esteve; discarded: abandonado.',
      ],
      ['activated_version', 'integer', 'Versão que resultou dele.'],
    ],
    constraints: [OF_CLIENT, OF_COUNTER, COUNTER_HAS_CLIENT],
  });
  await sql`create index config_drafts_client on config_drafts (cliente_id, created_at)`.execute(db);
  await isolateTenants(db, 'config_drafts');
}

async function createApplied(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'config_applied',
    meaning: 'Que versão da configuração cada processo aplica agora.',
    columns: [
      ['process_id', 'text primary key', 'Processo (UUID, novo a cada partida).'],
      ['host', 'text not null', 'Máquina.'],
      ['pid', 'integer not null', 'Número do processo na máquina.'],
      ['version', 'integer not null', 'Versão aplicada; 0: só o ambiente.'],
      ['started_at', 'timestamptz not null', 'Quando o processo partiu.'],
      ['seen_at', 'timestamptz not null', 'Último sinal dele.'],
      ['sessions', "jsonb not null default '{}'", 'Sessões abertas por versão da última fala: {"12": 3}.'],
    ],
  });
}

async function createCredentials(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'vendor_credentials',
    meaning: 'Chaves de fornecedores, cifradas.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID): é o que a configuração cita.'],
      ['cliente_id', 'text', 'Cliente dono da chave; NULL: de todos.'],
      ['vendor', 'text not null', 'Fornecedor.'],
      ['label', 'text not null', 'Nome dado por quem a cadastrou.'],
      ['sealed', 'text not null', 'A chave, cifrada por AES-256-GCM e presa a esta linha.'],
      ['last_four', 'text not null', 'Últimos quatro caracteres: tudo o que se mostra dela.'],
      ['fingerprint', 'text not null', 'Impressão da chave: diz se duas são a mesma, sem dizer qual.'],
      ['created_at', 'timestamptz not null', 'Quando foi cadastrada.'],
      ['created_by', 'text not null', 'Por quem: admin:<id>, token:<id> ou cli.'],
      ['disabled_at', 'timestamptz', 'Quando deixou de servir; NULL: serve.'],
      ['probed_at', 'timestamptz', 'Último teste no fornecedor.'],
      ['probe_code', 'text', 'Resultado desse teste: ok, ou o código do erro.'],
    ],
    constraints: [OF_CLIENT],
  });
  await sql`create index vendor_credentials_client on vendor_credentials (cliente_id, vendor)`.execute(db);
  await isolateTenants(db, 'vendor_credentials');
  await sql`revoke insert, update, delete on vendor_credentials from balto_app`.execute(db);
}

async function extendTenants(db: Kysely<unknown>): Promise<void> {
  const columns: [table: string, name: string, definition: string, meaning: string][] = [
    ['clientes', 'revisao', 'integer not null default 1', 'Aumenta a cada mudança da linha: é o seu ETag.'],
    ['balcoes', 'revisao', 'integer not null default 1', 'Aumenta a cada mudança da linha: é o seu ETag.'],
    ['balcoes', 'etiquetas', "jsonb not null default '[]'", 'Etiquetas do balcão, para as regras de roteamento.'],
  ];
  for (const [table, name, definition, meaning] of columns) {
    await sql.raw(`alter table ${table} add column ${name} ${definition}`).execute(db);
    await sql.raw(`comment on column ${table}.${name} is '${meaning}'`).execute(db);
  }
}
