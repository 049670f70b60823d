import pg from 'pg';
import {
  LEGACY_TABLES,
  type LegacySource,
  type LegacyTable,
  SOURCE_PAGE_ROWS,
  type SourceRow,
  sourceError,
} from './source.ts';

/** Nothing is written by accident, and dates come in one form whatever the server's settings. */
const SESSION = '-c default_transaction_read_only=on -c datestyle=ISO,YMD';
const CONNECT_MS = 10_000;
const STATEMENT_MS = 60_000;
/** Text that cannot be told in UTF-8 (character_not_in_repertoire, untranslatable_character). */
const UNREADABLE = new Set(['22021', '22P05']);

/** The original's Postgres. @throws BALTO_LEGACY_SOURCE where it cannot be reached. */
export async function openPostgresSource(url: string): Promise<LegacySource> {
  let client: pg.Client;
  try {
    client = new pg.Client({
      connectionString: url,
      options: SESSION,
      client_encoding: 'UTF8',
      connectionTimeoutMillis: CONNECT_MS,
      statement_timeout: STATEMENT_MS,
    });
    client.on('error', () => {}); // the query that was under way says it
    await client.connect();
  } catch (error) {
    throw sourceError('não pôde ser aberto', error);
  }
  const query = async <T extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<T[]> => {
    try {
      return (await client.query<T>(text, values)).rows;
    } catch (error) {
      if (UNREADABLE.has(String((error as { code?: unknown }).code))) throw error;
      throw sourceError('não pôde ser lido', error);
    }
  };
  return {
    kind: 'postgres',
    async columns(table) {
      const rows = await query<{ name: string }>(
        `select a.attname as name from pg_attribute a
         where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`,
        [table],
      );
      return new Set(rows.map(({ name }) => name));
    },
    page: (table, columns, after) => readPage(query, table, columns, after),
    close: () => client.end(),
  };
}

type Query = <T extends pg.QueryResultRow>(text: string, values: unknown[]) => Promise<T[]>;

async function readPage(query: Query, table: LegacyTable, columns: readonly string[], after: string | null) {
  const { key } = LEGACY_TABLES[table];
  // Text keys in the order of their bytes, so that the next page begins where this one ends.
  const order = key === 'id' ? 't.id' : `t.${key} collate "C"`;
  const beyond = after === null ? '' : `where ${order} > $1${key === 'id' ? '::bigint' : ''}`;
  const rest = `from ${table} t ${beyond} order by ${order} limit ${SOURCE_PAGE_ROWS}`;
  const values = after === null ? [] : [after];
  const list = columns.map((name) => `t."${name}"::text as "${name}"`).join(', ');
  const keys = (await query<{ key: string }>(`select t.${key}::text as key ${rest}`, values)).map((row) => row.key);
  const last = keys.length === SOURCE_PAGE_ROWS ? (keys.at(-1) ?? null) : null;
  try {
    return { rows: await query<SourceRow>(`select ${list} ${rest}`, values), unreadable: [], next: last };
  } catch (error) {
    if (!UNREADABLE.has(String((error as { code?: unknown }).code))) throw error;
    return { ...(await oneByOne(query, table, list, keys)), next: last };
  }
}

/** One unreadable row would take its whole page with it. */
async function oneByOne(query: Query, table: LegacyTable, list: string, keys: readonly string[]) {
  const rows: SourceRow[] = [];
  const unreadable: string[] = [];
  for (const key of keys) {
    try {
      rows.push(
        ...(await query<SourceRow>(`select ${list} from ${table} t where t.${LEGACY_TABLES[table].key}::text = $1`, [
          key,
        ])),
      );
    } catch (error) {
      if (!UNREADABLE.has(String((error as { code?: unknown }).code))) throw error;
      unreadable.push(key);
    }
  }
  return { rows, unreadable };
}
