import { open } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { LEGACY_TABLES, type LegacySource, SOURCE_PAGE_ROWS, type SourceRow, sourceError } from './source.ts';

/** First bytes of every file of that format. */
const MAGIC = 'SQLite format 3\0';

/** The first generation's `registro.db`, never written. @throws BALTO_LEGACY_SOURCE for what is no such file. */
export async function openSqliteSource(path: string): Promise<LegacySource> {
  await requireFormat(path);
  // Only who imports loads it: it is young, and says so on the standard error.
  const { DatabaseSync } = await import('node:sqlite');
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly: true, allowExtension: false });
  } catch (error) {
    throw sourceError('não pôde ser aberto', error);
  }
  const all = (sql: string, ...values: (string | number)[]): Record<string, unknown>[] => {
    try {
      const statement = db.prepare(sql);
      statement.setReadBigInts(true);
      return statement.all(...values);
    } catch (error) {
      throw sourceError('não pôde ser lido', error);
    }
  };
  return {
    kind: 'sqlite',
    async columns(table) {
      return new Set(all(`select name from pragma_table_info('${table}')`).map(({ name }) => String(name)));
    },
    async page(table, columns, after) {
      await setImmediate(); // the file is read on the thread that may be hearing customers: a page, and others take their turn
      const { key } = LEGACY_TABLES[table];
      const beyond = after === null ? '' : `where ${key} > ?`;
      const values = after === null ? [] : [key === 'id' ? Number(after) : after];
      const list = [key, ...columns.filter((name) => name !== key)].map((name) => `"${name}"`).join(', ');
      const found = all(`select ${list} from ${table} ${beyond} order by ${key} limit ${SOURCE_PAGE_ROWS}`, ...values);
      const rows = found.map(asText);
      return { rows, unreadable: [], next: found.length === SOURCE_PAGE_ROWS ? (rows.at(-1)?.[key] ?? null) : null };
    },
    close: async () => db.close(),
  };
}

async function requireFormat(path: string): Promise<void> {
  const start = Buffer.alloc(MAGIC.length);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(start, 0, start.length, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw sourceError('não pôde ser aberto', error);
  }
  if (start.toString('latin1') !== MAGIC) throw sourceError('não é um arquivo SQLite');
}

/** Any column may hold any type there: numbers are told as text, bytes as the text they may be. */
function asText(row: Record<string, unknown>): SourceRow {
  const text: SourceRow = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) text[name] = null;
    else text[name] = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
  }
  return text;
}
