import { type Kysely, sql } from 'kysely';

/** `[name, SQL type with its constraints, what it means]`: the meaning becomes the column's comment, and `docs/banco.md`. */
export type Column = [name: string, definition: string, meaning: string];

/**
 * Creates one table with a comment on it and on every column. Names and definitions come from migrations only, never
 * from outside.
 */
export async function createTable(
  db: Kysely<unknown>,
  table: { name: string; meaning: string; columns: Column[]; constraints?: string[] },
): Promise<void> {
  const lines = [
    ...table.columns.map(([name, definition]) => `"${name}" ${definition}`),
    ...(table.constraints ?? []).map((constraint) => constraint),
  ];
  await sql.raw(`create table "${table.name}" (\n  ${lines.join(',\n  ')}\n)`).execute(db);
  await sql.raw(`comment on table "${table.name}" is ${literal(table.meaning)}`).execute(db);
  for (const [name, , meaning] of table.columns) {
    await sql.raw(`comment on column "${table.name}"."${name}" is ${literal(meaning)}`).execute(db);
  }
}

/**
 * Gives the tenants' role its rights on `table` and lets it see the rows of one client only: the one that the
 * transaction named with `balto.cliente`. Without the setting it sees nothing.
 */
export async function isolateTenants(db: Kysely<unknown>, table: string): Promise<void> {
  await sql.raw(`grant select, insert, update, delete on "${table}" to balto_app`).execute(db);
  await sql.raw(`alter table "${table}" enable row level security`).execute(db);
  await sql
    .raw(
      `create policy "${table}_por_cliente" on "${table}" to balto_app
         using (cliente_id = current_setting('balto.cliente', true))
         with check (cliente_id = current_setting('balto.cliente', true))`,
    )
    .execute(db);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
