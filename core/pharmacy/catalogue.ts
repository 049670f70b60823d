import { type Static, Type } from 'typebox';
import { parseData } from './parse.ts';

/** How an item may be sold; only `venda_livre` reaches a counter, and what is not known is `desconhecida`. */
export const SALE_CLASSES = [
  'venda_livre',
  'tarja_vermelha',
  'tarja_preta',
  'antimicrobiano',
  'injetavel',
  'desconhecida',
] as const;

export type SaleClass = (typeof SALE_CLASSES)[number];

/** One active substance of a product, with what one unit (or ml, or g) of it holds. */
export interface Ingredient {
  substance: string;
  /** `unit`: `mg`, `mg/ml`, `mg/g`, `%`, `UI`, …; null: not known. */
  dose: { value: number; unit: string } | null;
}

/** What a leaflet says, as far as the catalogue carries it: outside text, for the model as data and for the gate. */
export interface Leaflet {
  indication: string | null;
  contraindication: string | null;
  warnings: string | null;
  interactions: string | null;
  url: string | null;
  version: string | null;
}

/** An item of the catalogue that a conversation retrieved. */
export interface CatalogueCandidate {
  id: number;
  /** The client's own item; false: the global starter's. */
  own: boolean;
  name: string;
  tag: string;
  saleClass: SaleClass;
  medicine: boolean;
  substance: string | null;
  /** Needs it serves. */
  indications: string[];
  /** Other names it is asked by. */
  synonyms: string[];
  /** What the customer buys or says that makes it useful. */
  goesWith: string[];
  /** Where its classification comes from, and the version (date) of that list. */
  source: string | null;
  version: string | null;
  /** Pharmaceutical form (`comprimido`, `xarope`, …); null: not known. */
  form: string | null;
  /** Active substances; empty: not known, or no medicine. */
  ingredients: Ingredient[];
  /** Excerpts of its leaflet, where the catalogue has them. */
  leaflet: Leaflet | null;
  /** Retrieval score: comparable within one retrieval only. */
  score: number;
}

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const texts = Type.Array(text(120), { maxItems: 60 });

/** A dose without a unit, or the other way round, is no dose. */
const IngredientSchema = Type.Union([
  Type.Object(
    { substancia: text(120), dose: Type.Number({ exclusiveMinimum: 0 }), unidade: text(20) },
    { additionalProperties: false },
  ),
  Type.Object({ substancia: text(120), dose: Type.Null(), unidade: Type.Null() }, { additionalProperties: false }),
]);

const ItemSchema = Type.Object(
  {
    codigo: Type.String({ pattern: '^[a-z0-9-]{1,80}$' }),
    nome: text(120),
    tag: text(60),
    classe_venda: Type.Enum([...SALE_CLASSES]),
    medicamento: Type.Boolean(),
    principio_ativo: Type.Optional(text(120)),
    forma: Type.Optional(text(80)),
    composicao: Type.Optional(Type.Array(IngredientSchema, { minItems: 1, maxItems: 10 })),
    indicacoes: texts,
    sinonimos: texts,
    combina_com: Type.Optional(texts),
  },
  { additionalProperties: false },
);

const StarterSchema = Type.Object(
  {
    versao: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    fonte: text(500),
    revisao: text(500),
    itens: Type.Array(ItemSchema, { minItems: 1, maxItems: 2000 }),
  },
  { additionalProperties: false },
);

/** `config/catalogue-starter.json`, as written there. */
export type StarterCatalogue = Static<typeof StarterSchema>;

/** A starter item's composition, as a candidate carries it. */
export function starterIngredients({ composicao = [] }: StarterCatalogue['itens'][number]): Ingredient[] {
  return composicao.map(({ substancia, dose, unidade }) => ({
    substance: substancia,
    dose: dose === null ? null : { value: dose, unit: unidade },
  }));
}

/** Throws BaltoError `BALTO_PHARMACY_DATA` naming the field. */
export function parseStarter(value: unknown, source: string): StarterCatalogue {
  return parseData(StarterSchema, value, source);
}
