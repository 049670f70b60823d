import { type Kysely, sql } from 'kysely';
import { type Column, createTable, isolateTenants } from './support/table.ts';

const STATES = "('lendo', 'ativando', 'conferida', 'concluida', 'recusada', 'falhou', 'desfazendo', 'desfeita')";

const IMPORT: Column[] = [
  ['id', 'bigserial primary key', 'Identificador da importação.'],
  ['cliente_id', 'text not null references clientes on delete cascade deferrable', 'Cliente dono do catálogo.'],
  ['arquivo', 'text not null', 'Nome do arquivo, como veio.'],
  ['bytes', 'bigint not null', 'Tamanho do arquivo.'],
  ['sha256', 'text not null', 'Resumo do conteúdo do arquivo.'],
  ['formato', 'text', 'O que o arquivo é: csv, xlsx, produtos, cestas ou consulta; NULL: ainda não se sabe.'],
  ['ensaio', 'boolean not null', 'Só confere: nada muda no catálogo.'],
  ['parcial', 'boolean not null', 'Linhas com erro ficam de fora, em vez de recusar o arquivo.'],
  [
    'estado',
    `text not null check (estado in ${STATES})`,
    'lendo, ativando, conferida (ensaio), concluida, recusada (pelo arquivo), falhou, desfazendo, desfeita.',
  ],
  ['autor', 'text not null', 'Quem importou: admin:<id>, token:<id> ou cli.'],
  ['criado_em', 'timestamptz not null', 'Quando começou.'],
  ['terminado_em', 'timestamptz', 'Quando terminou; NULL: ainda corre.'],
  ['processo', 'text', 'Processo que a faz; NULL: nenhum.'],
  ['sinal_em', 'timestamptz not null', 'Último sinal desse processo.'],
  ['lidas', 'integer not null default 0', 'Linhas lidas do arquivo.'],
  ['validas', 'integer not null default 0', 'Linhas que podem entrar.'],
  ['erros', 'integer not null default 0', 'Erros achados nas linhas.'],
  ['posicao', 'integer not null default 0', 'Última linha posta no catálogo, conferida ou desfeita.'],
  ['novas', 'integer not null default 0', 'Itens que não havia.'],
  ['alteradas', 'integer not null default 0', 'Itens que mudaram.'],
  ['iguais', 'integer not null default 0', 'Itens que já estavam assim.'],
  ['desfazivel', 'boolean not null default false', 'O que havia antes está guardado: pode ser desfeita.'],
  ['erro_codigo', 'text', 'Por que foi recusada ou falhou.'],
  ['erro_mensagem', 'text', 'O mesmo, para pessoas.'],
];

const LINE: Column[] = [
  ['importacao_id', 'bigint not null references catalogo_importacoes on delete cascade deferrable', 'Importação.'],
  ['ordem', 'integer not null', 'Lugar da linha na importação, desde 1.'],
  ['cliente_id', 'text not null', 'Cliente.'],
  ['codigo', 'text not null', 'Código do item.'],
  ['produto', 'jsonb', 'O item como entrará em produtos; NULL: já entrou.'],
  ['anterior', 'jsonb', 'O item como estava; NULL: não havia.'],
];

const ISSUE: Column[] = [
  ['importacao_id', 'bigint not null references catalogo_importacoes on delete cascade deferrable', 'Importação.'],
  ['ordem', 'integer not null', 'Lugar no relatório, desde 1.'],
  ['cliente_id', 'text not null', 'Cliente.'],
  ['linha', 'integer not null', 'Linha do arquivo.'],
  ['coluna', 'text', 'Coluna, como o arquivo a nomeia; NULL: a linha inteira.'],
  ['codigo', 'text not null', 'O que houve, para programas.'],
  ['mensagem', 'text not null', 'O mesmo, para pessoas; nunca o conteúdo da linha.'],
  ['item', 'text', 'Nome do produto, nos relatórios dos arquivos do sistema original.'],
  ['mantido', 'boolean', 'O produto entrou; NULL: é um erro.'],
  ['regra', 'text', 'Regra que decidiu.'],
];

/** Imports of a client's catalogue: what was read waits in a table of its own until all of it can go in, and out again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'catalogo_importacoes',
    meaning: 'Importações do catálogo de um cliente.',
    columns: IMPORT,
  });
  await sql`
    create unique index catalogo_importacoes_uma on catalogo_importacoes (cliente_id)
    where estado in ('lendo', 'ativando', 'desfazendo')`.execute(db);
  await sql`create index catalogo_importacoes_cliente on catalogo_importacoes (cliente_id, id)`.execute(db);
  await createTable(db, {
    name: 'catalogo_importacao_linhas',
    meaning: 'Linhas de uma importação: à espera de entrar no catálogo, e depois o que havia antes delas.',
    columns: LINE,
    constraints: ['primary key (importacao_id, ordem)'],
  });
  await createTable(db, {
    name: 'catalogo_importacao_avisos',
    meaning: 'Erros e relatório de uma importação.',
    columns: ISSUE,
    constraints: ['primary key (importacao_id, ordem)'],
  });
  for (const table of ['catalogo_importacoes', 'catalogo_importacao_linhas', 'catalogo_importacao_avisos']) {
    await isolateTenants(db, table);
  }
  await sql`grant usage, select on sequence catalogo_importacoes_id_seq to balto_app`.execute(db);
  await createProductColumns(db);
}

async function createProductColumns(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table produtos add column importacao_id bigint, add column revisao integer not null default 1`.execute(db);
  await sql`
    comment on column produtos.importacao_id is
      'Importação que o escreveu por último; NULL: foi escrito à mão, ou é do catálogo inicial.'`.execute(db);
  await sql`comment on column produtos.revisao is 'Cresce a cada mudança do item.'`.execute(db);
  await sql`create index produtos_cliente on produtos (cliente_id, id)`.execute(db);
}
