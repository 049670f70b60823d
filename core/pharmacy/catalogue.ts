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
  /** Retrieval score: comparable within one retrieval only. */
  score: number;
}

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const texts = Type.Array(text(120), { maxItems: 60 });

const ItemSchema = Type.Object(
  {
    codigo: Type.String({ pattern: '^[a-z0-9-]{1,80}$' }),
    nome: text(120),
    tag: text(60),
    classe_venda: Type.Enum([...SALE_CLASSES]),
    medicamento: Type.Boolean(),
    principio_ativo: Type.Optional(text(120)),
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

/** Throws BaltoError `BALTO_PHARMACY_DATA` naming the field. */
export function parseStarter(value: unknown, source: string): StarterCatalogue {
  return parseData(StarterSchema, value, source);
}
