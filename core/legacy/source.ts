import { BaltoError } from '../contracts/index.ts';

/** Tables of the original that are read. Its codes and voice vectors are not: the first expire, the second are another model's. */
export const LEGACY_TABLES = {
  users: { key: 'user_id', needs: ['user_id', 'email'], isNeeded: true },
  balcoes: { key: 'balcao_id', needs: ['balcao_id', 'user_id', 'api_key'], isNeeded: true },
  funcionarios: { key: 'id', needs: ['id', 'user_id', 'nome'], isNeeded: false },
  funcionario_turnos: {
    key: 'id',
    needs: ['id', 'funcionario_id', 'dia_semana', 'hora_inicio', 'hora_fim'],
    isNeeded: false,
  },
  interacoes: { key: 'id', needs: ['id', 'balcao_id', 'timestamp'], isNeeded: false },
} as const;
export type LegacyTable = keyof typeof LEGACY_TABLES;

/** A row of the original: every value as text, whatever its type there. */
export type SourceRow = Record<string, string | null>;

/** One page of a table, in the order of its key. */
export interface SourcePage {
  rows: SourceRow[];
  /** Keys of rows that could not be read (text that is not of the database's encoding). */
  unreadable: string[];
  /** Where the next page goes on; null: this was the last. */
  next: string | null;
}

/** A database of the original, opened to be read only. */
export interface LegacySource {
  kind: 'postgres' | 'sqlite';
  /** Names of a table's columns; none: there is no such table. */
  columns(table: LegacyTable): Promise<ReadonlySet<string>>;
  /** The rows after a key (null: from the first on), with these columns. */
  page(table: LegacyTable, columns: readonly string[], after: string | null): Promise<SourcePage>;
  close(): Promise<void>;
}

/** Rows read at a time. */
export const SOURCE_PAGE_ROWS = 500;

/** The place an import is read from. @param code of the system or the database, never its text: that may hold what it was given. */
export function sourceError(what: string, cause?: unknown): BaltoError {
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new BaltoError({
    code: 'BALTO_LEGACY_SOURCE',
    field: 'from',
    message: `O banco de origem ${what}${why}.`,
    cause,
  });
}

/**
 * The columns that there are of those that an import reads.
 * @throws BALTO_LEGACY_SOURCE naming the table, or the columns of it that are missing.
 */
export async function columnsOf(source: LegacySource, table: LegacyTable, wanted: readonly string[]) {
  const { needs, isNeeded } = LEGACY_TABLES[table];
  const columns = await source.columns(table);
  if (columns.size === 0) {
    if (isNeeded) throw sourceError(`não tem a tabela ${table}`);
    return null;
  }
  const missing = needs.filter((name) => !columns.has(name));
  if (missing.length > 0) throw sourceError(`não tem, na tabela ${table}, a coluna ${missing.join(', ')}`);
  return wanted.filter((name) => columns.has(name));
}

/** Every page of a table. */
export async function* pagesOf(source: LegacySource, table: LegacyTable, columns: readonly string[]) {
  let after: string | null = null;
  do {
    const page: SourcePage = await source.page(table, columns, after);
    yield page;
    after = page.next;
  } while (after !== null);
}
