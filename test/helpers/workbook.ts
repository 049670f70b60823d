import { strFromU8, unzipSync } from 'fflate';

/** A sheet as a test reads it. */
export interface ReadSheet {
  name: string;
  xml: string;
  /** Each row's cells by letter: text as it is shown, numbers as numbers. */
  rows: Record<string, { value: string | number; style: number }>[];
}

/** Reads a workbook that `Workbook` wrote: sheets in order, with texts and numbers told apart. */
export function readWorkbook(bytes: Uint8Array): { sheets: ReadSheet[]; files: Record<string, string> } {
  const files = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, part]) => [name, strFromU8(part)]));
  const names = [...(files['xl/workbook.xml'] ?? '').matchAll(/<sheet name="([^"]*)"/g)].map(([, name]) => name ?? '');
  const sheets = names.map((name, index) => {
    const xml = files[`xl/worksheets/sheet${index + 1}.xml`] ?? '';
    return { name, xml, rows: [...xml.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) => cellsOf(row ?? '')) };
  });
  return { sheets, files };
}

function cellsOf(row: string): ReadSheet['rows'][number] {
  const cells: ReadSheet['rows'][number] = {};
  for (const [, letters, style, text, number] of row.matchAll(
    /<c r="([A-Z]+)\d+" s="(\d+)"(?: t="inlineStr"><is><t xml:space="preserve">(.*?)<\/t><\/is>|><v>(.*?)<\/v>)<\/c>/gs,
  )) {
    const value = number === undefined ? unescaped(text ?? '') : Number(number);
    cells[letters ?? ''] = { value, style: Number(style) };
  }
  return cells;
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
