import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { CatalogueImport } from './catalogue-imports-table.ts';
import type { Tables } from './tables.ts';

/** What names an import and its lines. */
export type Entry = Pick<CatalogueImport, 'id' | 'clientId'>;

/** Columns of `produtos` that an import writes, and gives back. */
const COLUMNS = [
  ...[
    'codigo',
    'nome',
    'tag',
    'classe_venda',
    'medicamento',
    'principio_ativo',
    'indicacoes',
    'sinonimos',
    'combina_com',
  ],
  ...['preco_centavos', 'ativo', 'fonte', 'versao', 'forma', 'composicao', 'tarja', 'indicacao', 'contraindicacao'],
  ...['advertencias', 'interacoes', 'bula_url', 'bula_versao'],
] as const;

export interface Seen {
  isNew: boolean;
  same: boolean;
}

/** The lines of an import from one to another; `l` is their table. */
export function linesOf(id: number, after: number, last: number): RawBuilder<unknown> {
  return sql`l.importacao_id = ${id} and l.ordem > ${after} and l.ordem <= ${last}`;
}

/** Pages are looked up by their keys, whatever the planner thinks it knows. */
export async function byKeys(trx: Transaction<Tables>): Promise<void> {
  await sql`select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)`.execute(trx);
}

/** Lines beside what the catalogue has; with `keep` that is noted, for the way back. */
export async function look(
  trx: Transaction<Tables>,
  { clientId }: Entry,
  some: RawBuilder<unknown>,
  keep: boolean,
): Promise<Seen[]> {
  const before = sql`(select to_jsonb(x) from (select ${names('p')}, p.importacao_id from produtos p
    where coalesce(p.cliente_id, '') = ${clientId} and p.codigo = l.codigo) x)`;
  const seen = sql`anterior is null as "isNew", coalesce(anterior - 'importacao_id' = produto, false) as same`;
  const { rows } = keep
    ? await sql<Seen>`update catalogo_importacao_linhas l set anterior = ${before} where ${some} returning ${seen}`.execute(
        trx,
      )
    : await sql<Seen>`
        select ${seen} from (select l.produto, ${before} as anterior from catalogo_importacao_linhas l where ${some}) l`.execute(
        trx,
      );
  return rows;
}

/** What differs goes into the catalogue; of it only the way back is kept, of the rest nothing. */
export async function put(trx: Transaction<Tables>, { id, clientId }: Entry, some: RawBuilder<unknown>): Promise<void> {
  await sql`
    delete from catalogo_importacao_linhas l where ${some} and l.anterior - 'importacao_id' = l.produto`.execute(trx);
  await sql`
    insert into produtos (${names()}, cliente_id, importacao_id)
    select ${names('r')}, ${clientId}, ${id} from catalogo_importacao_linhas l
      cross join lateral jsonb_populate_record(null::produtos, l.produto) r
    where ${some}
    on conflict (coalesce(cliente_id, ''), codigo) do update
      set ${assigned('excluded')}, importacao_id = excluded.importacao_id, revisao = produtos.revisao + 1`.execute(trx);
  await sql`update catalogo_importacao_linhas l set produto = null where ${some}`.execute(trx);
}

/** Who wrote each line's item last; null: a person. */
export async function writersOf(
  trx: Transaction<Tables>,
  clientId: string,
  some: RawBuilder<unknown>,
): Promise<(number | null)[]> {
  await byKeys(trx);
  const { rows } = await sql<{ writer: number | null }>`
    select (select p.importacao_id from produtos p
      where coalesce(p.cliente_id, '') = ${clientId} and p.codigo = l.codigo) as writer
    from catalogo_importacao_linhas l where ${some}`.execute(trx);
  return rows.map(({ writer }) => writer);
}

function names(table?: string): RawBuilder<unknown> {
  return sql.join(COLUMNS.map((column) => sql.ref(table === undefined ? column : `${table}.${column}`)));
}

export function assigned(from: string): RawBuilder<unknown> {
  return sql.join(COLUMNS.map((column) => sql`${sql.ref(column)} = ${sql.ref(`${from}.${column}`)}`));
}
