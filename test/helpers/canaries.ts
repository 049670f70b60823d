import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Store } from '../../core/store/index.ts';

/** Places of the database, as `table`, where any column of any row holds one of these texts. */
export async function tablesHolding(store: Store, texts: readonly string[]): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`
    select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`.execute(
    store.db.kysely,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ line: string }>`select to_jsonb(t)::text as line from ${sql.table(name)} t`.execute(
      store.db.kysely,
    );
    if (rows.some(({ line }) => texts.some((text) => line.includes(text)))) found.push(name);
  }
  return found.sort();
}

/** Files below a folder that hold one of these texts, byte for byte. */
export async function filesHolding(folder: string, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file).catch(() => Buffer.alloc(0)); // gone meanwhile: it holds nothing
    if (texts.some((text) => bytes.includes(text))) found.push(file.slice(folder.length + 1));
  }
  return found.sort();
}
