import { sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** One table as a backup holds it. */
export interface BackedTable {
  name: string;
  /** Primary key, in order. */
  key: string[];
  /** Columns that are written, generated ones left out. */
  columns: string[];
}

/** Never copied: what belongs to one running installation, to the migrator, or is kept by the database out of other tables. */
const LEFT_OUT = new Set([
  'admin_sessions',
  'catalogo_importacao_linhas',
  'config_applied',
  'copias',
  'idempotency_keys',
  'journal_positions',
  'live_sessions',
  'kysely_migration',
  'kysely_migration_lock',
  'provider_health',
  'counter_reservations',
  'interacoes_busca',
  'rate_windows',
  'scheduled_jobs',
  'resume_records',
  'cost_days',
  'login_attempts',
  'login_places',
]);

/** Every table to copy, as the catalogue has them now, each after those it refers to. */
export async function backedTables(trx: Transaction<Tables>): Promise<BackedTable[]> {
  const { rows } = await sql<BackedTable>`
    select c.relname as name,
      (select array_agg(a.attname::text order by k.place)
         from unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) as key,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    order by c.relname`.execute(trx);
  const references = await sql<{ child: string; parent: string }>`
    select (select relname from pg_class where oid = conrelid) as child,
      (select relname from pg_class where oid = confrelid) as parent
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid`.execute(
    trx,
  );
  return inOrder(
    rows.filter(({ name }) => !LEFT_OUT.has(name)),
    references.rows,
  );
}

function inOrder(tables: BackedTable[], references: { child: string; parent: string }[]): BackedTable[] {
  const ordered: BackedTable[] = [];
  const place = (table: BackedTable): void => {
    if (ordered.includes(table)) return;
    for (const { child, parent } of references) {
      if (child !== table.name) continue;
      const other = tables.find(({ name }) => name === parent);
      if (other) place(other);
    }
    ordered.push(table);
  };
  for (const table of tables) place(table);
  return ordered;
}

/** Rows after `after` (the key of the last row read), as JSON text, in the order of the key. */
export async function readPage(
  trx: Transaction<Tables>,
  table: BackedTable,
  after: unknown[] | null,
  rows: number,
): Promise<{ json: string; key: unknown[] }[]> {
  const columns = sql.join(table.columns.map((name) => sql.ref(name)));
  const key = sql.join(table.key.map((name) => sql.ref(name)));
  const past = after ? sql`where (${key}) > (${sql.join(after)})` : sql``;
  const page = await sql<{ json: string; key: unknown[] }>`
    select row_to_json(t)::text as json, json_build_array(${key}) as key
    from (select ${columns} from ${sql.table(table.name)} ${past} order by ${key} limit ${rows}) t`.execute(trx);
  return page.rows;
}

/** Puts rows, given as JSON text, into a table; columns that the rows do not have keep their defaults. */
export async function writePage(
  trx: Transaction<Tables>,
  table: BackedTable,
  columns: string[],
  lines: string[],
): Promise<void> {
  const names = sql.join(table.columns.filter((name) => columns.includes(name)).map((name) => sql.ref(name)));
  await sql`
    insert into ${sql.table(table.name)} (${names})
    select ${names} from json_populate_recordset(null::${sql.table(table.name)}, ${`[${lines.join(',')}]`}::json)`.execute(
    trx,
  );
}

/** Sequences go on after the largest number in use. */
export async function fixSequences(trx: Transaction<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string; column: string; sequence: string }>`
    select c.relname as name, a.attname as column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`.execute(trx);
  for (const { name, column, sequence } of rows) {
    await sql`
      select setval(${sequence}::regclass, greatest((select coalesce(max(${sql.ref(column)}), 0) from ${sql.table(name)}),
        (select last_value from ${sql.raw(sequence)})))`.execute(trx);
  }
}
