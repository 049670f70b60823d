import type { Readable } from 'node:stream';
import { refuseFile } from './failures.ts';
import { xmlParser } from './xlsx-xml.ts';

/** The official list has some four million characters of them. */
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** The texts that a workbook's cells point at, formatted runs joined, readings of Asian names left out. */
export async function sharedStrings(stream: Readable): Promise<string[]> {
  const strings: string[] = [];
  let [characters, current, isText, isReading] = [0, '', false, false];
  const parser = xmlParser({
    open(name) {
      if (name === 'si') current = '';
      else if (name === 'rPh') isReading = true;
      else if (name === 't') isText = !isReading;
    },
    close(name) {
      if (name === 't') isText = false;
      else if (name === 'rPh') isReading = false;
      else if (name === 'si') strings.push(current);
    },
    text(text) {
      if (!isText) return;
      current += text;
      characters += text.length;
      if (characters > MAX_CHARACTERS) throw refuseFile('BALTO_IMPORT_XLSX', 'A planilha tem texto demais.');
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of stream as AsyncIterable<Buffer>) parser.write(decoder.decode(chunk, { stream: true }));
  parser.close();
  return strings;
}
