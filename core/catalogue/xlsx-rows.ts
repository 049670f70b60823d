import { BaltoError } from '../contracts/index.ts';
import { refuseFile } from './failures.ts';
import type { TableRow } from './rows.ts';
import { SheetParser } from './xlsx-sheet.ts';
import { sharedStrings } from './xlsx-strings.ts';
import { parseXml } from './xlsx-xml.ts';
import { damaged, XlsxZip } from './xlsx-zip.ts';

/**
 * Rows of the first visible sheet of a workbook, empty ones left out. Read as a stream: what is held is the shared
 * strings and a few rows.
 * @throws BaltoError `BALTO_IMPORT_XLSX`, `BALTO_IMPORT_BOMB`.
 */
export async function* xlsxRows(file: string): AsyncGenerator<TableRow> {
  const zip = await XlsxZip.open(file);
  try {
    const sheet = await sheetOf(zip);
    const strings = zip.has('xl/sharedStrings.xml')
      ? await sharedStrings(await zip.stream('xl/sharedStrings.xml'))
      : [];
    const parser = new SheetParser(strings);
    const stream = await zip.stream(sheet);
    for await (const chunk of stream as AsyncIterable<Buffer>) yield* parser.write(chunk);
    yield* parser.end();
  } catch (error) {
    throw error instanceof BaltoError ? error : damaged(error);
  } finally {
    zip.close();
  }
}

/** Path of the first visible sheet inside the archive. */
async function sheetOf(zip: XlsxZip): Promise<string> {
  if (!zip.has('xl/workbook.xml')) {
    throw refuseFile('BALTO_IMPORT_XLSX', 'O arquivo é um .zip, mas não é uma planilha .xlsx; salve-a como .xlsx.');
  }
  const sheets: { id: string; isHidden: boolean }[] = [];
  await parseXml(await zip.stream('xl/workbook.xml'), (name, attributes) => {
    if (name !== 'sheet') return;
    const id = Object.entries(attributes).find(([key]) => key === 'id' || key.endsWith(':id'))?.[1] ?? '';
    sheets.push({ id, isHidden: attributes['state'] !== undefined && attributes['state'] !== 'visible' });
  });
  const wanted = (sheets.find(({ isHidden }) => !isHidden) ?? sheets[0])?.id;
  let target = '';
  await parseXml(await zip.stream('xl/_rels/workbook.xml.rels'), (name, attributes) => {
    if (name === 'Relationship' && attributes['Id'] === wanted) target = attributes['Target'] ?? '';
  });
  return target.startsWith('/') ? target.slice(1) : `xl/${target}`;
}
