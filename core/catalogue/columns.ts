import { fold } from '../pharmacy/text.ts';
import type { Cell } from './rows.ts';

/** What a column can tell, and the names it goes by: ours, those of the official price list, and what shops write. */
const NAMES = {
  code: ['codigo', 'cod', 'codigo do produto', 'codigo produto', 'sku', 'codigo ggrem', 'ggrem'],
  barcode: ['ean', 'ean 1', 'ean1', 'gtin', 'gtin 1', 'codigo de barras', 'cod barras'],
  name: ['nome', 'produto', 'nome do produto', 'nome produto', 'descricao', 'descricao do produto'],
  tag: ['categoria', 'tag'],
  saleClass: ['classe venda', 'classe de venda'],
  medicine: ['medicamento', 'e medicamento'],
  substance: ['principio ativo', 'principios ativos', 'substancia', 'substancias'],
  composition: ['composicao'],
  presentation: ['apresentacao'],
  form: ['forma', 'forma farmaceutica'],
  indications: ['indicacoes', 'necessidades', 'serve para'],
  synonyms: ['sinonimos', 'outros nomes'],
  goesWith: ['combina com', 'combina'],
  price: ['preco', 'preco de venda', 'preco venda', 'valor'],
  active: ['ativo', 'situacao'],
  source: ['fonte'],
  version: ['versao'],
  stripe: ['tarja'],
  therapeuticClass: ['classe terapeutica'],
  hospitalOnly: ['restricao hospitalar'],
  leafletIndication: ['indicacao', 'bula indicacao'],
  leafletContraindication: ['contraindicacao', 'contra indicacao', 'contraindicacoes'],
  leafletWarnings: ['advertencias', 'advertencia'],
  leafletInteractions: ['interacoes', 'interacoes medicamentosas'],
  leafletUrl: ['bula url', 'url da bula', 'bula'],
  leafletVersion: ['bula versao', 'versao da bula'],
} as const satisfies Record<string, readonly string[]>;

export type Field = keyof typeof NAMES;

/** Where each known field stands, and how the file names that column. */
export type Columns = Map<Field, { index: number; title: string }>;

const FIELD_OF = new Map<string, Field>(
  (Object.entries(NAMES) as [Field, readonly string[]][]).flatMap(([field, names]) =>
    names.map((name) => [name, field]),
  ),
);
const MAX_TITLE = 60;
/** Rows in which a header is looked for: the official list begins with some forty lines of notes. */
export const HEADER_ROWS = 200;

/**
 * The columns of a header row, whatever its accents, case and spaces; null: it is none, because it names no product or
 * nothing else that is known. Of two columns of one meaning the first counts.
 */
export function columnsOf(cells: readonly Cell[], priceColumn?: string): Columns | null {
  const columns: Columns = new Map();
  const wanted = priceColumn === undefined ? null : titleKey(priceColumn);
  for (const [index, cell] of cells.entries()) {
    if (typeof cell !== 'string') continue;
    const key = titleKey(cell);
    const field = wanted === null ? FIELD_OF.get(key) : key === wanted ? 'price' : notPrice(FIELD_OF.get(key));
    if (field !== undefined && !columns.has(field))
      columns.set(field, { index, title: cell.trim().slice(0, MAX_TITLE) });
  }
  return columns.has('name') && columns.size >= 2 ? columns : null;
}

function notPrice(field: Field | undefined): Field | undefined {
  return field === 'price' ? undefined : field;
}

/** `PMC 18 %` and `PMC 18%` are one title. */
function titleKey(title: string): string {
  return fold(title.replaceAll('%', ' pct '));
}
