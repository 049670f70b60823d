import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { refuseFile } from './failures.ts';

/** Told of each element by its local name. */
export interface XmlHandlers {
  open(name: string, attributes: Record<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** A parser of a workbook's parts: errors are thrown by `write`, and a document type is one, since no workbook has any. */
export function xmlParser({ open, close, text }: XmlHandlers): SaxesParser {
  const parser = new SaxesParser({ position: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw refuseFile('BALTO_IMPORT_XLSX', 'A planilha não pôde ser lida: ela contém uma definição de documento.');
  });
  parser.on('opentag', ({ name, attributes }) => open(local(name), attributes as Record<string, string>));
  if (close) parser.on('closetag', ({ name }) => close(local(name)));
  if (text) {
    parser.on('text', text);
    parser.on('cdata', text);
  }
  return parser;
}

/** Goes through a whole small part. */
export async function parseXml(stream: Readable, open: XmlHandlers['open']): Promise<void> {
  const parser = xmlParser({ open });
  const decoder = new TextDecoder();
  for await (const chunk of stream as AsyncIterable<Buffer>) parser.write(decoder.decode(chunk, { stream: true }));
  parser.close();
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
