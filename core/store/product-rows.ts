import type { Selectable } from 'kysely';
import type { Ingredient, Leaflet, SaleClass } from '../pharmacy/catalogue.ts';
import { fromIngredients, type ProductsTable, toCandidate } from './products-table.ts';
import { cleanText } from './text.ts';

/** A client's own item; what is not said is unknown, and what is unknown is never offered. */
export interface ProductInput {
  /** The client's own code for it: the same code again replaces the item. */
  code: string;
  name: string;
  tag?: string;
  saleClass?: SaleClass;
  medicine?: boolean;
  substance?: string | null;
  indications?: string[];
  synonyms?: string[];
  goesWith?: string[];
  priceCents?: number | null;
  active?: boolean;
  source?: string | null;
  version?: string | null;
  form?: string | null;
  ingredients?: Ingredient[];
  /** The stripe of the box, as the source writes it. */
  stripe?: string | null;
  leaflet?: Leaflet | null;
}

/** An item of a client's catalogue as it is kept. */
export interface Product extends Required<Omit<ProductInput, 'leaflet'>> {
  id: number;
  clientId: string;
  leaflet: Leaflet;
  createdAt: Date;
  /** Import that wrote it last; null: it was written by hand. */
  importId: number | null;
  /** Grows with every change: its ETag. */
  revision: number;
}

export function toProduct(row: Selectable<ProductsTable>): Product {
  const { name, tag, saleClass, medicine, substance, indications, synonyms, goesWith, ...more } = toCandidate(row, 0);
  return {
    id: row.id,
    clientId: row.cliente_id ?? '',
    code: row.codigo,
    ...{ name, tag, saleClass, medicine, substance, indications, synonyms, goesWith },
    priceCents: row.preco_centavos,
    active: row.ativo,
    source: more.source,
    version: more.version,
    form: more.form,
    ingredients: more.ingredients,
    stripe: row.tarja,
    leaflet: {
      indication: row.indicacao,
      contraindication: row.contraindicacao,
      warnings: row.advertencias,
      interactions: row.interacoes,
      url: row.bula_url,
      version: row.bula_versao,
    },
    createdAt: row.criado_em,
    importId: row.importacao_id,
    revision: row.revisao,
  };
}

/** The columns of an item, text cleaned for the database. */
export function toRow(clientId: string | null, product: ProductInput) {
  return {
    cliente_id: clientId,
    codigo: cleanText(product.code),
    nome: cleanText(product.name),
    tag: cleanText(product.tag ?? 'outros'),
    classe_venda: product.saleClass ?? 'desconhecida',
    medicamento: product.medicine ?? true,
    principio_ativo: optional(product.substance),
    indicacoes: (product.indications ?? []).map(cleanText),
    sinonimos: (product.synonyms ?? []).map(cleanText),
    combina_com: (product.goesWith ?? []).map(cleanText),
    preco_centavos: product.priceCents ?? null,
    ativo: product.active ?? true,
    fonte: optional(product.source),
    versao: optional(product.version),
    forma: optional(product.form),
    composicao: cleanText(fromIngredients(product.ingredients ?? [])),
    tarja: optional(product.stripe),
    ...leafletColumns(product.leaflet ?? null),
  };
}

function leafletColumns(leaflet: Leaflet | null) {
  return {
    indicacao: optional(leaflet?.indication),
    contraindicacao: optional(leaflet?.contraindication),
    advertencias: optional(leaflet?.warnings),
    interacoes: optional(leaflet?.interactions),
    bula_url: optional(leaflet?.url),
    bula_versao: optional(leaflet?.version),
  };
}

function optional(text: string | null | undefined): string | null {
  return text == null ? null : cleanText(text);
}
