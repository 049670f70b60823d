import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { Test } from 'tap';
import { temporaryFolder } from './databases.ts';

const RATES = ['0', '12', '17', '17,5', '18', '19', '19,5', '20', '20,5', '21', '22', '22,5', '23'];
/** `PF Sem Impostos`, `PF 0 %`, `PF 0 %  ALC`, …: the list has its prices twice, each at every rate of every state. */
const pricesOf = (kind: string) =>
  ['Sem Impostos', ...RATES.flatMap((rate) => [`${rate} %`, `${rate} %  ALC`])]
    .slice(0, 26)
    .map((rate) => `${kind} ${rate}`);
const PRICES = ['PF', 'PMC'].flatMap(pricesOf);

/** The 73 columns of the official price list, in its order and with its spacing. */
export const CMED_HEADER = [
  ...['SUBSTÂNCIA', 'CNPJ', 'LABORATÓRIO', 'CÓDIGO GGREM', 'REGISTRO', 'EAN 1', 'EAN 2', 'EAN 3', 'PRODUTO'],
  ...['APRESENTAÇÃO', 'CLASSE TERAPÊUTICA', 'TIPO DE PRODUTO (STATUS DO PRODUTO)', 'REGIME DE PREÇO'],
  ...PRICES,
  ...['RESTRIÇÃO HOSPITALAR', 'CAP', 'CONFAZ 87', 'ICMS 0%', 'ANÁLISE RECURSAL'],
  ...['LISTA DE CONCESSÃO DE CRÉDITO TRIBUTÁRIO (PIS/COFINS)', 'COMERCIALIZAÇÃO 2025', 'TARJA'],
];

const NOTES = [
  ['SECRETARIA EXECUTIVA - CMED'],
  ['LISTA DE PREÇOS DE MEDICAMENTOS'],
  ['Publicada em 21/07/2026 17h30min.'],
  [''],
  ['O campo "PF sem impostos" corresponde à ausência de PIS/Cofins.'],
];

/** Lines of what the official list has: substance, product, presentation, class, stripe, sold to hospitals only. */
const KINDS = [
  [
    'DIPIRONA MONOIDRATADA',
    'NOVALGINA',
    '500 MG COM CT BL AL PLAS INC X 10',
    'N2B - ANALGÉSICOS',
    'Tarja Sem Tarja',
    'Não',
  ],
  ['PARACETAMOL', 'TYLENOL', '750 MG COM REV CT BL AL PLAS TRANS X 20', 'N2B - ANALGÉSICOS', 'Tarja Sem Tarja', 'Não'],
  ['AMOXICILINA', 'AMOXIL', '500 MG CAP DURA CT BL X 21', 'J1C1 - PENICILINAS', 'Tarja Vermelha sob restrição', 'Não'],
  ['CLONAZEPAM', 'RIVOTRIL', '2 MG COM CT BL AL PLAS X 30', 'N3A - ANTIEPILÉPTICOS', 'Tarja Preta', 'Não'],
  [
    'BUTILBROMETO DE ESCOPOLAMINA',
    'BUSCOPAN',
    '20 MG SOL INJ CT 5 AMP VD X 1 ML',
    'A3A - ANTIESPASMÓDICOS',
    '- (*) ',
    'Sim',
  ],
  ['LORATADINA', 'CLARITIN', '1 MG/ML XPE CT FR VD AMB X 100 ML', 'R6A - ANTI-HISTAMÍNICOS', '- (*) ', 'Não'],
] as const;

/** `count` rows as the official list has them, its notes and header first. */
export function cmedRows(count: number): string[][] {
  const rows: string[][] = [...NOTES, CMED_HEADER];
  for (let index = 0; index < count; index++) rows.push(cmedRow(index));
  return rows;
}

function cmedRow(index: number): string[] {
  const [substance, product, presentation, therapeuticClass, stripe, hospital] =
    KINDS[index % KINDS.length] ?? KINDS[0];
  const number = String(index).padStart(6, '0');
  const price = (amount: number) => (hospital === 'Sim' ? '    -     ' : amount.toFixed(2).replace('.', ','));
  const prices = PRICES.map((_title, at) => price((400 + (index % 900) * 100 + at * 8) / 100));
  const variant = index < KINDS.length ? product : `${product} ${number}`;
  return [
    ...[substance, '18.459.628/0001-15', 'LABORATÓRIO BRASILEIRO S.A.', `538912020${number}`, `10639025${number}`],
    ...[
      `7891000${number}`,
      '    -     ',
      '    -     ',
      variant,
      presentation,
      therapeuticClass,
      'Genérico',
      'Regulado',
    ],
    ...prices,
    ...[hospital, 'Não', 'Não', 'Não', '', 'Negativa', 'Sim', stripe],
  ];
}

/** As a spreadsheet program writes it. */
export function csvOf(rows: readonly (readonly string[])[], delimiter = ';'): string {
  const cell = (text: string) => (/["\r\n]|[;,\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(delimiter)}\r\n`).join('');
}

/** Text in the code page of Windows; only what Portuguese needs. */
export function windows1252(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A workbook of one sheet with shared strings, numbers as numbers; `{ formula }` is a formula's cell. */
export function xlsxOf(rows: readonly (readonly (string | number | { formula: string })[])[]): Buffer {
  const strings = new Map<string, number>();
  const shared = (text: string) => {
    if (!strings.has(text)) strings.set(text, strings.size);
    return strings.get(text);
  };
  const data = rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const at = `${columnName(column)}${index + 1}`;
      if (typeof cell === 'number') return `<c r="${at}"><v>${cell}</v></c>`;
      if (typeof cell === 'object') return `<c r="${at}" t="str"><f>${xml(cell.formula)}</f><v>1</v></c>`;
      return cell === '' ? '' : `<c r="${at}" t="s"><v>${shared(cell)}</v></c>`;
    });
    return `<row r="${index + 1}">${cells.join('')}</row>`;
  });
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const items = [...strings.keys()].map((text) => `<si><t xml:space="preserve">${xml(text)}</t></si>`).join('');
  return zipOf({
    'xl/workbook.xml': `${head}<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/sharedStrings.xml': `${head}<sst>${items}</sst>`,
    'xl/worksheets/sheet1.xml': `${head}<worksheet><sheetData>${data.join('')}</sheetData></worksheet>`,
  });
}

/** An archive of these parts, each deflated. */
export function zipOf(parts: Record<string, string | Buffer>): Buffer {
  const chunks: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(parts)) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain, { level: 1 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(plain), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, place, Buffer.from(name));
    chunks.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  const count = Object.keys(parts).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...chunks, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** Writes files of a test into a folder of its own; the name tells nothing. */
export async function fileWriter(t: Test): Promise<(content: string | Buffer) => Promise<string>> {
  const folder = await temporaryFolder(t);
  let made = 0;
  return async (content) => {
    const path = join(folder, `arquivo-${++made}`);
    await writeFile(path, content);
    return path;
  };
}

function columnName(index: number): string {
  return index < 26
    ? String.fromCharCode(65 + index)
    : `${columnName(Math.floor(index / 26) - 1)}${columnName(index % 26)}`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
