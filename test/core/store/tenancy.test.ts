import { sql } from 'kysely';
import t from 'tap';
import type { Store } from '../../../core/store/index.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

interface Column {
  table: string;
  column: string;
  type: string;
  /** Must be given: not null, without a default. */
  needed: boolean;
  /** Values that a check constraint allows, when it lists them. */
  allowed: string | null;
}

/** Rows of these are of no client when `cliente_id` is null, and then nobody's who is bound to one. */
const OWN = 'cliente-nosso';
const OTHER = 'cliente-deles';

/** Every table with `cliente_id`, as the catalogue has them now, and the columns that a row needs. */
async function tenantTables(store: Store): Promise<Map<string, Column[]>> {
  const { rows } = await sql<Column>`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
      a.attnotnull and not a.atthasdef as needed,
      (select pg_get_constraintdef(k.oid) from pg_constraint k
         where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1) as allowed
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attgenerated = ''
      and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'cliente_id')
    order by c.relname, a.attnum`.execute(store.db.kysely);
  const tables = new Map<string, Column[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  return tables;
}

let numbers = 0;

/** Any value that the column takes; what it says does not matter here. */
function valueFor({ column, type, allowed }: Column, clientId: string): unknown {
  if (column === 'cliente_id') return clientId;
  const listed = /'([^']+)'::text/.exec(allowed ?? '')?.[1];
  if (listed !== undefined) return listed;
  numbers += 1;
  if (type.startsWith('timestamp')) return new Date();
  if (type.startsWith('time')) return '08:00';
  if (type === 'date') return '2026-11-21';
  if (type === 'boolean') return true;
  if (type.startsWith('json')) return '{}';
  if (type.endsWith('[]')) return [];
  if (type === 'bytea') return Buffer.of(1);
  if (/int|numeric|real|double/.test(type)) return column === 'dia_semana' ? 0 : numbers;
  return `x${numbers}`;
}

/** One row per client in every table; references are not looked at, only whose row it is. */
async function fill(store: Store, tables: Map<string, Column[]>): Promise<void> {
  await store.db.system(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    for (const [table, columns] of tables) {
      for (const clientId of [OWN, OTHER]) {
        const given = columns.filter(({ column, needed }) => needed || column === 'cliente_id');
        await sql`
          insert into ${sql.table(table)} (${sql.join(given.map(({ column }) => sql.ref(column)))})
          values (${sql.join(given.map((column) => valueFor(column, clientId)))})`.execute(trx);
      }
    }
  });
}

t.test('every table with cliente_id shows one client, whatever is asked; on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const tables = await tenantTables(store);
    for (const known of ['balcoes', 'interacoes', 'admin_roles', 'api_tokens', 'audit_log', 'config_items']) {
      t.ok(tables.has(known), known);
    }
    await fill(store, tables);
    for (const table of tables.keys()) {
      const all = await sql<{ owner: string }>`select cliente_id as owner from ${sql.table(table)}`.execute(
        store.db.kysely,
      );
      t.ok(new Set(all.rows.map(({ owner }) => owner)).size >= 2, `${table} holds rows of two`);
      const seen = await store.db
        .tenant(OWN, (trx) => sql<{ owner: string }>`select cliente_id as owner from ${sql.table(table)}`.execute(trx))
        .then(({ rows }) => [...new Set(rows.map(({ owner }) => owner))])
        .catch((error: unknown) => (error as { code?: string }).code);
      // 42501: the tenants' role has no right to the table at all.
      t.ok(seen === '42501' || JSON.stringify(seen) === JSON.stringify([OWN]), `${table}: ${JSON.stringify(seen)}`);
      const stolen = await store.db
        .tenant(OWN, (trx) => sql`update ${sql.table(table)} set cliente_id = ${OTHER}`.execute(trx))
        .then(() => 'done')
        .catch((error: unknown) => (error as { code?: string }).code);
      t.equal(stolen, '42501', `${table}: no row is given to another`);
      const without = await store.db
        .system(async (trx) => {
          await sql`select set_config('role', 'balto_app', true)`.execute(trx);
          return (await sql`select 1 from ${sql.table(table)}`.execute(trx)).rows.length;
        })
        .catch((error: unknown) => (error as { code?: string }).code);
      t.ok(without === 0 || without === '42501', `${table}: without a client, nothing`);
    }
  }),
);
