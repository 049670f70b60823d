import { open } from 'node:fs/promises';
import { BaltoError } from '../contracts/index.ts';

/** What a file is, by its first bytes; its name is not believed. */
export type FileKind = 'csv' | 'xlsx' | 'json';

const HEAD_BYTES = 4096;

/** @throws BaltoError `BALTO_IMPORT_FORMAT` that says what the file is instead, and what to do. */
export async function sniff(file: string): Promise<FileKind> {
  const handle = await open(file, 'r');
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    return kindOf(head.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** The same of a file's first bytes. */
export function kindOf(head: Buffer): FileKind {
  if (head.length === 0) throw unusable('o arquivo está vazio');
  for (const [magic, what] of FOREIGN) if (head.subarray(0, magic.length).equals(magic)) throw unusable(what);
  if (head.readUIntBE(0, Math.min(head.length, 2)) === 0x504b) return 'xlsx';
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isWide && head.includes(0)) throw unusable('o arquivo não é texto nem planilha');
  const text = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (/^<(?:!doctype|html|head|body|table|meta|\?xml|div)/i.test(text)) {
    throw unusable('o arquivo é uma página HTML ou XML, seja qual for o nome; abra-o na planilha e salve como .xlsx');
  }
  return /^[[{]/.test(text) ? 'json' : 'csv';
}

const FOREIGN: readonly [magic: Buffer, what: string][] = [
  [
    Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    'o arquivo é uma planilha antiga (.xls) ou protegida por senha; salve como .xlsx, sem senha',
  ],
  [Buffer.from('%PDF'), 'o arquivo é um PDF; use a planilha ou o CSV'],
  [Buffer.from('1f8b', 'hex'), 'o arquivo está comprimido (gzip); envie-o descomprimido'],
  [Buffer.from('Rar!'), 'o arquivo está comprimido (RAR); envie-o descomprimido'],
  [Buffer.from('377abcaf', 'hex'), 'o arquivo está comprimido (7z); envie-o descomprimido'],
];

function unusable(what: string): BaltoError {
  return new BaltoError({ code: 'BALTO_IMPORT_FORMAT', message: `Não dá para importar: ${what}.`, statusCode: 422 });
}
