import { BaltoError } from '../contracts/index.ts';

/** A part of a list. */
export interface Page<T> {
  items: T[];
  /** Give it to the next call; null: this was the last page. */
  next: string | null;
}

/** Rows per page: what a list gives unasked, and the most it gives. */
export const PAGE_ROWS = { usual: 50, most: 500 } as const;

/** Values of the columns a list is ordered by, as they stood in the last row of a page. */
type Key = readonly (string | number)[];

/** Takes one row more than the page holds (`limit + 1`): whether there is one says whether a page follows. */
export function toPage<R, T>(rows: readonly R[], limit: number, map: (row: R) => T, keyOf: (row: R) => Key): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? writeCursor(keyOf(last)) : null;
  return { items: shown.map(map), next };
}

function writeCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The key a page ended with, for `where (columns) > (key)`; undefined without a cursor.
 * @param shape what each value must be: a cursor comes from outside.
 * @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`.
 */
export function readCursor<const S extends readonly ('text' | 'number')[]>(
  cursor: string | undefined,
  shape: S,
): { [I in keyof S]: S[I] extends 'text' ? string : number } | undefined {
  if (cursor === undefined) return undefined;
  const key = parsed(cursor);
  const fits =
    Array.isArray(key) &&
    key.length === shape.length &&
    shape.every((kind, index) => (kind === 'text' ? isText(key[index]) : Number.isSafeInteger(key[index])));
  if (fits) return key as { [I in keyof S]: S[I] extends 'text' ? string : number };
  throw new BaltoError({ code: 'BALTO_CURSOR_INVALID', field: 'cursor', message: 'Cursor de página inválido.' });
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined; // what is no JSON is no cursor: the caller says so
  }
}

/** Text that Postgres takes. */
function isText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}
