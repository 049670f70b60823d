import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { parse as parseAll } from 'csv-parse/sync';
import { columnsOf, HEADER_ROWS } from './columns.ts';
import { refuseFile } from './failures.ts';
import { MAX_ROW_CHARACTERS, type TableRow } from './rows.ts';

type Encoding = 'utf-8' | 'windows-1252' | 'utf-16le' | 'utf-16be';

/** Enough to find the header, also behind the notes that the official list begins with. */
const SAMPLE_CHARACTERS = 128 * 1024;
const DELIMITERS = [';', ',', '\t'] as const;
const OPTIONS = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  max_record_size: MAX_ROW_CHARACTERS,
} as const;

/**
 * Rows of a CSV: UTF-8 (with or without BOM), UTF-16 or Windows-1252; `;`, `,` or tab, found by which of them makes a
 * header of columns that are known.
 * @throws BaltoError `BALTO_IMPORT_COLUMNS`, `BALTO_IMPORT_CSV`.
 */
export async function* csvRows(file: string): AsyncGenerator<TableRow> {
  const encoding = await encodingOf(file);
  const delimiter = await delimiterOf(file, encoding);
  const parser = parse({ ...OPTIONS, delimiter });
  const text = Readable.from(decoded(file, encoding));
  text.on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  let number = 1;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (cells.length > 1 || cells[0] !== '') yield { number, cells };
      number += 1 + breaksIn(cells);
    }
  } catch (error) {
    throw csvFailure(error, number);
  } finally {
    text.destroy();
  }
}

/** Line breaks inside quotes: the parser counts lines only with a report made for every record. */
function breaksIn(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}

/** By the byte order mark, else UTF-8 where the whole file is valid UTF-8, else what Windows writes. */
async function encodingOf(file: string): Promise<Encoding> {
  const strict = new TextDecoder('utf-8', { fatal: true });
  let isFirst = true;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      if (isFirst && chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
      if (isFirst && chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
      isFirst = false;
      strict.decode(chunk, { stream: true });
    }
    strict.decode();
    return 'utf-8';
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252';
    throw error;
  }
}

async function* decoded(file: string, encoding: Encoding, end?: number): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  const range = end === undefined ? {} : { end };
  for await (const chunk of createReadStream(file, range) as AsyncIterable<Buffer>) {
    yield decoder.decode(chunk, { stream: true });
  }
  if (end === undefined) yield decoder.decode();
}

async function delimiterOf(file: string, encoding: Encoding): Promise<string> {
  let sample = '';
  for await (const text of decoded(file, encoding, SAMPLE_CHARACTERS)) sample += text;
  let best = { known: 0, delimiter: '' };
  for (const delimiter of DELIMITERS) {
    const known = knownColumns(sample, delimiter);
    if (known > best.known) best = { known, delimiter };
  }
  if (best.delimiter !== '') return best.delimiter;
  throw refuseFile(
    'BALTO_IMPORT_COLUMNS',
    'Não há no arquivo um cabeçalho com colunas conhecidas, separadas por ponto e vírgula, vírgula ou tabulação. É preciso ao menos uma coluna com o nome do produto (nome ou PRODUTO) e outra conhecida.',
  );
}

/** Columns known in the best row of the sample; 0: no row is a header. */
function knownColumns(sample: string, delimiter: string): number {
  const whole = sample.slice(0, Math.max(sample.lastIndexOf('\n'), 0) || sample.length);
  let rows: string[][];
  try {
    rows = parseAll(whole, { ...OPTIONS, delimiter, skip_records_with_error: true, to: HEADER_ROWS });
  } catch {
    return 0; // with this delimiter it is no table: another one may do
  }
  return Math.max(0, ...rows.map((cells) => columnsOf(cells)?.size ?? 0));
}

function csvFailure(error: unknown, line: number): unknown {
  const { code } = error as Partial<CsvError>;
  if (typeof code !== 'string' || !code.startsWith('CSV_')) return error;
  const what = {
    CSV_QUOTE_NOT_CLOSED: 'há aspas que não fecham',
    CSV_MAX_RECORD_SIZE: `há uma linha com mais de ${MAX_ROW_CHARACTERS} caracteres`,
  }[code as string];
  const message = `O CSV não pôde ser lido: ${what ?? 'a forma não é válida'}, na linha ${line} ou depois.`;
  return refuseFile('BALTO_IMPORT_CSV', message, error);
}
