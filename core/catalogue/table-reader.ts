import type { TherapeuticClasses } from '../pharmacy/sale-class.ts';
import { type Columns, columnsOf, HEADER_ROWS } from './columns.ts';
import { refuseFile } from './failures.ts';
import { MAX_ROWS, type RowIssue, type TableRow } from './rows.ts';
import type { FoundItem } from './staging.ts';
import { type FileFacts, productOf } from './table-item.ts';

/** How a table is to be understood. */
export interface TableOptions {
  classes: TherapeuticClasses;
  fileName: string;
  /** Title of the column that prices are taken from (`PMC 18 %`); absent: a column called preço. */
  priceColumn?: string | undefined;
}

/** The official list says its date above its header. */
const PUBLISHED = /publicada em\s*(\d{2})\/(\d{2})\/(\d{4})/i;

/**
 * Items of a table with a header somewhere in its first rows; what stands above it is left alone, but for the date of the
 * official list. @throws BaltoError `BALTO_IMPORT_COLUMNS`, `BALTO_IMPORT_TOO_MANY_ROWS`.
 */
export async function* tableItems(rows: AsyncIterable<TableRow>, options: TableOptions): AsyncGenerator<FoundItem> {
  const { classes, fileName, priceColumn } = options;
  const codes = new Map<string, number>();
  const facts: FileFacts = { classes, source: `arquivo ${fileName}`, version: null };
  let columns: Columns | null = null;
  let [above, count] = [0, 0];
  for await (const row of rows) {
    if (columns === null) {
      columns = columnsOf(row.cells, priceColumn);
      if (columns !== null) requirePrice(columns, priceColumn);
      else notice(row, facts);
      if (columns === null && ++above >= HEADER_ROWS) break;
      continue;
    }
    if (isNote(row, columns)) continue;
    if (++count > MAX_ROWS) throw refuseFile('BALTO_IMPORT_TOO_MANY_ROWS', `O arquivo tem mais de ${MAX_ROWS} linhas.`);
    yield { row: row.number, ...item(row, columns, facts, codes) };
  }
  if (columns === null) throw noHeader();
}

function item(row: TableRow, columns: Columns, facts: FileFacts, codes: Map<string, number>): Omit<FoundItem, 'row'> {
  const { product, issues } = productOf(row, columns, facts);
  if (!product) return { issues };
  const first = codes.get(product.code);
  if (first !== undefined) return { issues: [repeated(row, columns, first)] };
  codes.set(product.code, row.number);
  return { product, issues: [] };
}

function notice({ cells }: TableRow, facts: FileFacts): void {
  for (const cell of cells) {
    const found = typeof cell === 'string' ? PUBLISHED.exec(cell) : null;
    if (!found) continue;
    facts.version = `${found[3]}-${found[2]}-${found[1]}`;
    facts.source = `CMED, lista de preços publicada em ${found[1]}/${found[2]}/${found[3]}`;
  }
}

/** A row of nothing but one cell that names no item is a remark, or empty. */
function isNote({ cells }: TableRow, columns: Columns): boolean {
  const filled = [...cells.keys()].filter((index) => cells[index] !== '');
  const naming = (['code', 'barcode', 'name'] as const).map((field) => columns.get(field)?.index);
  return filled.length <= 1 && (filled[0] === undefined || !naming.includes(filled[0]));
}

function requirePrice(columns: Columns, priceColumn: string | undefined): void {
  if (priceColumn === undefined || columns.has('price')) return;
  throw refuseFile('BALTO_IMPORT_COLUMNS', 'A coluna de preço pedida não existe no cabeçalho do arquivo.');
}

function noHeader(): Error {
  return refuseFile(
    'BALTO_IMPORT_COLUMNS',
    `Não há um cabeçalho com colunas conhecidas nas primeiras ${HEADER_ROWS} linhas. É preciso ao menos uma coluna com o nome do produto (nome ou PRODUTO) e outra conhecida; veja o modelo em docs/modelo-catalogo.csv.`,
  );
}

function repeated(row: TableRow, columns: Columns, first: number): RowIssue {
  const column = (columns.get('code') ?? columns.get('barcode') ?? columns.get('name'))?.title ?? null;
  const message = `o mesmo código já está na linha ${first}`;
  return { row: row.number, column, code: 'repetido', message, item: null, kept: null, rule: null };
}
