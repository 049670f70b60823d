import { readdir } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { BaltoError } from '../contracts/index.ts';
import type { Tables } from './tables.ts';

const FOLDER = new URL('../../migrations/', import.meta.url);
const FILE = /^(\d{4}-\d{2}-\d{2}T\d{4}_[a-z0-9_]+)\.(ts|js)$/;

/** Lists `migrations/`: sources (`.ts`) in the repository, `.js` in a build. The file's name is the migration's. */
const folderProvider: MigrationProvider = {
  async getMigrations(): Promise<Record<string, Migration>> {
    const migrations: Record<string, Migration> = {};
    for (const { name, file } of await listed()) {
      migrations[name] = (await import(new URL(file, FOLDER).href)) as Migration;
    }
    return migrations;
  },
};

async function listed(): Promise<{ name: string; file: string }[]> {
  return (await readdir(FOLDER)).sort().flatMap((file) => {
    const name = FILE.exec(file)?.[1];
    return name ? [{ name, file }] : [];
  });
}

/**
 * Brings the database to this version, forward only, in one transaction under Kysely's advisory lock: of several
 * processes that start at once one migrates and the others wait for it.
 * @returns the names of every migration in force.
 * @throws BaltoError `BALTO_STORE_SCHEMA_NEWER`, `BALTO_STORE_MIGRATION_FAILED`.
 */
export async function migrate(db: Kysely<Tables>): Promise<string[]> {
  const names = (await listed()).map(({ name }) => name);
  return (await isUpToDate(db, names)) ? names : migrateToLatest(db);
}

/** Asked before Kysely is: its migrator looks at every table three times, and most starts have nothing to migrate. */
async function isUpToDate(db: Kysely<Tables>, names: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(
    db,
  );
  if (!rows[0]?.there) return false;
  const applied = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return applied.rows.length === names.length && applied.rows.every(({ name }, index) => name === names[index]);
}

async function migrateToLatest(db: Kysely<Tables>): Promise<string[]> {
  const migrator = new Migrator({ db, provider: folderProvider, allowUnorderedMigrations: true });
  const { error, results } = await migrator.migrateToLatest();
  if (!error) return (await migrator.getMigrations()).filter(({ executedAt }) => executedAt).map(({ name }) => name);
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  if (!failed && error instanceof Error && error.message.startsWith('corrupted migrations')) {
    throw new BaltoError({
      code: 'BALTO_STORE_SCHEMA_NEWER',
      message:
        'O banco de dados foi atualizado por uma versão mais nova do Balto; use essa versão ou restaure um backup.',
      statusCode: 500,
      cause: error,
    });
  }
  if (!failed) throw error;
  throw new BaltoError({
    code: 'BALTO_STORE_MIGRATION_FAILED',
    message: `A atualização do banco de dados falhou em ${failed}.`,
    statusCode: 500,
    cause: error,
  });
}
