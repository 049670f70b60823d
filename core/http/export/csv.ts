import type { Cell, Column } from './columns.ts';

/** What spreadsheets may take for the begin of a formula, in the widths that they fold; also behind spaces and a quote. */
const FORMULA = /^[\s"'\p{Cc}\p{Cf}]*[=+\-@\t\r\n＝＋－＠|]/u;
const DAY = 10;

/** The begin of a file: the mark by which a spreadsheet knows UTF-8, and the header. */
export function csvHeader(columns: readonly Column[]): string {
  return `\ufeff${columns.map(({ name }) => name).join(';')}\r\n`;
}

/**
 * One line, separated by semicolons, with decimal commas, as spreadsheets in Portuguese read it. A text that one of them
 * could run as a formula gets an apostrophe before it.
 */
export function csvLine(columns: readonly Column[], cells: readonly Cell[]): string {
  return `${columns.map((column, index) => field(column, cells[index] ?? null)).join(';')}\r\n`;
}

function field({ kind }: Column, cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return quoted(FORMULA.test(cell) ? `'${cell}` : cell);
  if (kind === 'instant' || kind === 'time') return moment(kind, new Date(cell).toISOString());
  return Number.isFinite(cell) ? String(cell).replace('.', ',') : '';
}

/** `21/11/2026 12:00:00`, or `12:00:00,089`. */
function moment(kind: 'instant' | 'time', iso: string): string {
  const [day = '', clock = ''] = [iso.slice(0, DAY), iso.slice(DAY + 1, -1)];
  if (kind === 'time') return clock.replace('.', ',');
  return `${day.split('-').reverse().join('/')} ${clock.slice(0, 8)}`;
}

function quoted(text: string): string {
  return /[;"\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
