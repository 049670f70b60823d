import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { CatalogueCandidate, Ingredient, SaleClass } from '../pharmacy/catalogue.ts';

/** `produtos`. */
export interface ProductsTable {
  id: Generated<number>;
  cliente_id: string | null;
  codigo: string;
  nome: string;
  tag: Generated<string>;
  classe_venda: Generated<SaleClass>;
  medicamento: Generated<boolean>;
  principio_ativo: string | null;
  indicacoes: Generated<string[]>;
  sinonimos: Generated<string[]>;
  combina_com: Generated<string[]>;
  preco_centavos: number | null;
  ativo: Generated<boolean>;
  fonte: string | null;
  versao: string | null;
  forma: string | null;
  /** Written as JSON text. */
  composicao: ColumnType<CompositionRow[], string | undefined, string>;
  tarja: string | null;
  indicacao: string | null;
  contraindicacao: string | null;
  advertencias: string | null;
  interacoes: string | null;
  bula_url: string | null;
  bula_versao: string | null;
  criado_em: Generated<Date>;
  importacao_id: number | null;
  revisao: Generated<number>;
  documento: GeneratedAlways<string>;
  busca_nome: GeneratedAlways<string>;
  substancia: GeneratedAlways<string | null>;
}

/** One entry of `produtos.composicao`. */
export interface CompositionRow {
  substancia: string;
  dose: number | null;
  unidade: string | null;
}

/** Columns that a candidate is made from. */
export const CANDIDATE_COLUMNS = [
  'id',
  'cliente_id',
  'nome',
  'tag',
  'classe_venda',
  'medicamento',
  'principio_ativo',
  'indicacoes',
  'sinonimos',
  'combina_com',
  'fonte',
  'versao',
  'forma',
  'composicao',
  'indicacao',
  'contraindicacao',
  'advertencias',
  'interacoes',
  'bula_url',
  'bula_versao',
] as const;

export function toCandidate(
  row: Pick<Selectable<ProductsTable>, (typeof CANDIDATE_COLUMNS)[number]>,
  score: number,
): CatalogueCandidate {
  return {
    id: row.id,
    own: row.cliente_id !== null,
    name: row.nome,
    tag: row.tag,
    saleClass: row.classe_venda,
    medicine: row.medicamento,
    substance: row.principio_ativo,
    indications: row.indicacoes,
    synonyms: row.sinonimos,
    goesWith: row.combina_com,
    source: row.fonte,
    version: row.versao,
    form: row.forma,
    ingredients: row.composicao.map(toIngredient),
    leaflet: toLeaflet(row),
    score,
  };
}

/** Written as {@link CompositionRow}, in JSON. */
export function fromIngredients(ingredients: readonly Ingredient[]): string {
  const rows = ingredients.map(
    ({ substance, dose }): CompositionRow => ({
      substancia: substance,
      dose: dose?.value ?? null,
      unidade: dose?.unit ?? null,
    }),
  );
  return JSON.stringify(rows);
}

function toIngredient({ substancia, dose, unidade }: CompositionRow): Ingredient {
  return { substance: substancia, dose: dose === null || unidade === null ? null : { value: dose, unit: unidade } };
}

function toLeaflet(
  row: Pick<
    Selectable<ProductsTable>,
    'indicacao' | 'contraindicacao' | 'advertencias' | 'interacoes' | 'bula_url' | 'bula_versao'
  >,
): CatalogueCandidate['leaflet'] {
  const excerpts = [row.indicacao, row.contraindicacao, row.advertencias, row.interacoes];
  if (excerpts.every((excerpt) => excerpt === null)) return null;
  return {
    indication: row.indicacao,
    contraindication: row.contraindicacao,
    warnings: row.advertencias,
    interactions: row.interacoes,
    url: row.bula_url,
    version: row.bula_versao,
  };
}
