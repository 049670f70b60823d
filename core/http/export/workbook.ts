import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Cell, CellKind, Column } from './columns.ts';

/** Rows a sheet can hold, its header included; what is more goes on in another one. */
const MOST_ROWS = 1_048_576;
/** Characters a cell can hold. */
const MOST_CHARACTERS = 32_767;
const DAY_MS = 86_400_000;
/** 1970-01-01 as a workbook counts days. */
const EPOCH_DAY = 25_569;
/** Fast rather than small: the thread is shared with audio. */
const DEFLATE_LEVEL = 3;

/** Index of each kind's format in `styles.xml`; 1 is the header's. */
const STYLES: Record<CellKind, number> = { text: 0, number: 0, money: 2, percent: 3, instant: 4, time: 5 };
const FORMATS = ['0.000000', '0.0%', 'dd/mm/yyyy hh:mm:ss', 'hh:mm:ss.000'];

/**
 * Writes a workbook (Office Open XML) while its rows come: what is held is one turn's worth of them. Texts are text cells
 * whatever they begin with, so nothing in them is ever a formula; numbers and dates are numbers; the header stays in view.
 *
 * @example
 * const book = new Workbook((bytes) => chunks.push(bytes));
 * book.sheet('Interacoes', columns);
 * book.rows([[1, 'Caixa 1']]);
 * book.end();
 */
export class Workbook {
  readonly #zip: Zip;
  readonly #names: string[] = [];
  #sheet: { name: string; columns: readonly Column[]; part: number; rows: number; file: ZipDeflate } | null = null;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#zip = new Zip((error, bytes) => {
      if (error) throw error;
      if (bytes.length > 0) onBytes(bytes);
    });
  }

  /** Begins a sheet; the one before it is finished. */
  sheet(name: string, columns: readonly Column[]): void {
    this.#begin(name, columns, 1);
  }

  /** Adds rows to the sheet, each with a cell for every column. */
  rows(rows: readonly (readonly Cell[])[]): void {
    let xml = '';
    for (const cells of rows) {
      if (this.#sheet && this.#sheet.rows >= MOST_ROWS) {
        this.#write(xml);
        xml = '';
        this.#begin(this.#sheet.name, this.#sheet.columns, this.#sheet.part + 1);
      }
      xml += this.#row(cells);
    }
    this.#write(xml);
  }

  /** Finishes the workbook. */
  end(): void {
    this.#finish();
    for (const [name, xml] of frame(this.#names)) this.#add(name).push(strToU8(xml), true);
    this.#zip.end();
  }

  #begin(name: string, columns: readonly Column[], part: number): void {
    this.#finish();
    this.#names.push(part === 1 ? name : `${name} (${part})`);
    const file = this.#add(`xl/worksheets/sheet${this.#names.length}.xml`);
    this.#sheet = { name, columns, part, rows: 0, file };
    const header = columns.map(({ name: column }) => column);
    this.#write(`${SHEET_BEGIN}${widths(columns)}<sheetData>${this.#row(header, 1)}`);
  }

  #finish(): void {
    this.#sheet?.file.push(strToU8('</sheetData></worksheet>'), true);
    this.#sheet = null;
  }

  /** `style`: of every cell, whatever its column. */
  #row(cells: readonly Cell[], style?: number): string {
    const sheet = this.#sheet;
    if (!sheet) throw new Error('a row needs a sheet');
    sheet.rows += 1;
    let xml = `<row r="${sheet.rows}">`;
    for (const [index, cell] of cells.entries()) {
      if (cell === null) continue;
      const kind = sheet.columns[index]?.kind ?? 'text';
      xml += cellXml(`${letters(index)}${sheet.rows}`, cell, kind, style ?? STYLES[kind]);
    }
    return `${xml}</row>`;
  }

  #write(xml: string): void {
    if (xml !== '') this.#sheet?.file.push(strToU8(xml));
  }

  #add(name: string): ZipDeflate {
    const file = new ZipDeflate(name, { level: DEFLATE_LEVEL });
    this.#zip.add(file);
    return file;
  }
}

function cellXml(reference: string, cell: string | number, kind: CellKind, style: number): string {
  if (typeof cell === 'string') {
    return `<c r="${reference}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
  }
  if (!Number.isFinite(cell)) return '';
  const value = kind === 'instant' || kind === 'time' ? cell / DAY_MS + EPOCH_DAY : cell;
  return `<c r="${reference}" s="${style}"><v>${value}</v></c>`;
}

/** Text as a cell can hold it: bounded, without what XML has no place for, and with nothing that is read as a code. */
function escaped(text: string): string {
  return (
    text
      .slice(0, MOST_CHARACTERS)
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 has no place for
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
      .replace(/_(?=x[0-9a-f]{4}_)/gi, '_x005F_')
      .replace(/\r/g, '_x000D_')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
  );
}

const LETTERS: string[] = [];

/** A, B, … Z, AA, … */
function letters(index: number): string {
  const known = LETTERS[index];
  if (known !== undefined) return known;
  const last = String.fromCharCode(65 + (index % 26));
  const made = index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`;
  LETTERS[index] = made;
  return made;
}

function widths(columns: readonly Column[]): string {
  const cols = columns.map(({ width }, index) => {
    return `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`;
  });
  return `<cols>${cols.join('')}</cols>`;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const SHEET_BEGIN = `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`;

/** The parts around the sheets (ECMA-376 part 1, §12): what there is, how it hangs together, and the formats of cells. */
function frame(names: readonly string[]): [name: string, xml: string][] {
  const numbers = names.map((_, index) => index + 1);
  const part = (number: number) =>
    `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${TYPE}.worksheet+xml"/>`;
  const sheet = (number: number) => `<sheet name="${names[number - 1]}" sheetId="${number}" r:id="rId${number}"/>`;
  const relation = (id: number, type: string, target: string) =>
    `<Relationship Id="rId${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const relations = (list: string) => `${XML}<Relationships xmlns="${PACKAGE}/relationships">${list}</Relationships>`;
  const sheets = numbers.map((number) => relation(number, 'worksheet', `worksheets/sheet${number}.xml`)).join('');
  return [
    [
      '[Content_Types].xml',
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/>${numbers.map(part).join('')}</Types>`,
    ],
    ['_rels/.rels', relations(relation(1, 'officeDocument', 'xl/workbook.xml'))],
    ['xl/_rels/workbook.xml.rels', relations(`${sheets}${relation(names.length + 1, 'styles', 'styles.xml')}`)],
    [
      'xl/workbook.xml',
      `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${numbers.map(sheet).join('')}</sheets></workbook>`,
    ],
    ['xl/styles.xml', styles()],
  ];
}

function styles(): string {
  const formats = FORMATS.map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${code}"/>`).join('');
  const cells = FORMATS.map(
    (_, index) => `<xf numFmtId="${164 + index}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`,
  );
  const plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>';
  const header = '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>';
  const font = '<sz val="11"/><name val="Calibri"/>';
  return `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="${FORMATS.length}">${formats}</numFmts><fonts count="2"><font>${font}</font><font><b/>${font}</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${2 + cells.length}">${plain}${header}${cells.join('')}</cellXfs></styleSheet>`;
}
