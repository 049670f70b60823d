import type { Kysely } from 'kysely';
import { createTable } from './support/table.ts';

/** The prices that `usage_ledger.price_version` names, kept so that an old cost can still be explained. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'price_book',
    meaning: 'Tabelas de preços usadas até hoje, uma versão por data: explicam cada custo de usage_ledger.',
    columns: [
      ['version', 'text not null', 'Versão (data) da tabela.'],
      ['position', 'integer not null', 'Lugar na tabela.'],
      ['provider', 'text not null', 'Fornecedor: tipo/nome.'],
      ['model', 'text not null', 'Modelo; *: qualquer um.'],
      ['mode', 'text', 'batch ou stream, onde o preço difere.'],
      ['unit', 'text not null', 'Unidade: second, character, token ou request.'],
      ['of_what', 'text not null', 'O que se mede.'],
      ['micro_usd', 'double precision not null', 'Preço de tantas unidades (per), em milionésimos de US$.'],
      ['per', 'double precision not null', 'Unidades a que o preço se refere.'],
      ['increment', 'double precision', 'O fornecedor arredonda para cima até um múltiplo disto.'],
      ['minimum', 'double precision', 'O fornecedor cobra ao menos isto por pedido.'],
      ['valid_from', 'date not null', 'Primeiro dia em que vale (UTC).'],
      ['source', 'text not null', 'De onde veio o preço.'],
      ['note', 'text', 'Observação.'],
    ],
    constraints: ['primary key (version, position)'],
  });
}
