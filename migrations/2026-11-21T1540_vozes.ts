import { type Kysely, sql } from 'kysely';
import { type Column, createTable, isolateTenants } from './support/table.ts';

const EMPLOYEE: Column[] = [
  ['voz', 'text', 'Voz do funcionário, cifrada: vetor de float32; NULL: não há.'],
  [
    'voz_situacao',
    "text not null default 'sem_voz' check (voz_situacao in ('sem_voz', 'cadastrada', 'recadastrar', 'apagada'))",
    'sem_voz: nunca teve; cadastrada; recadastrar: a que havia era de outro modelo; apagada: foi retirada.',
  ],
  ['voz_em', 'timestamptz', 'Quando a voz foi cadastrada.'],
  ['voz_fala_ms', 'integer', 'Milissegundos de fala de que a voz foi calculada.'],
  [
    'consentimento',
    "text not null default 'ausente' check (consentimento in ('ausente', 'a_confirmar', 'confirmado', 'retirado'))",
    'Do uso da voz. a_confirmar: cadastrada sem que se dissesse a base; ver consentimentos_voz.',
  ],
  ['apagado_em', 'timestamptz', 'Quando saiu: nome e voz foram apagados; NULL: trabalha.'],
  ['revisao', 'integer not null default 1', 'Cresce a cada mudança do funcionário, da voz ou dos turnos: o ETag.'],
];

/** Voices of employees: sealed, consented, and known anew to every process when something of them changes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Nothing ever wrote it, and a voice does not stand there readable.
  await sql`alter table funcionarios drop column embedding`.execute(db);
  for (const column of EMPLOYEE) await add(db, 'funcionarios', column);
  await sql`comment on table funcionarios is 'Funcionários, com voz cadastrada ou não.'`.execute(db);
  await add(db, 'clientes', [
    'vozes_revisao',
    'integer not null default 0',
    'Cresce quando muda uma voz, um nome, um turno ou um consentimento: os processos leem de novo.',
  ]);
  await createConsents(db);
}

async function createConsents(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'consentimentos_voz',
    meaning: 'O que se sabe do consentimento de cada voz: linhas só se acrescentam; ficam quando a voz é apagada.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['funcionario_id', 'integer not null', 'Funcionário; sem o nome, que se apaga.'],
      [
        'evento',
        "text not null check (evento in ('a_confirmar', 'confirmado', 'retirado', 'voz_apagada'))",
        'a_confirmar: cadastrada sem base dita; confirmado; retirado; voz_apagada: o vetor foi destruído.',
      ],
      ['em', 'timestamptz not null', 'Quando.'],
      ['autor', 'text not null', 'Quem registrou: admin:<id>, token:<id>, client:<id> ou cli.'],
      ['base', 'text', 'Base legal declarada (LGPD, art. 11).'],
      ['versao_texto', 'text', 'Versão do texto que o funcionário leu ou assinou.'],
    ],
    constraints: [
      'foreign key (funcionario_id, cliente_id) references funcionarios (id, cliente_id) on delete cascade deferrable',
    ],
  });
  await sql`create index consentimentos_voz_funcionario on consentimentos_voz (funcionario_id, id)`.execute(db);
  await isolateTenants(db, 'consentimentos_voz');
  await sql`revoke update, delete on consentimentos_voz from balto_app`.execute(db);
  await sql`grant usage, select on sequence consentimentos_voz_id_seq to balto_app`.execute(db);
}

async function add(db: Kysely<unknown>, table: string, [name, definition, meaning]: Column): Promise<void> {
  await sql.raw(`alter table ${table} add column ${name} ${definition}`).execute(db);
  await sql.raw(`comment on column ${table}.${name} is '${meaning}'`).execute(db);
}
