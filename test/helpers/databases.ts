import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Test } from 'tap';
import type { Log } from '../../core/contracts/index.ts';
import { openStore, type Store, type StoreOptions } from '../../core/store/index.ts';

/** Opens a store on the database of this test; again for a second process, or after `close`. Closed at teardown. */
export interface OpenStore {
  (overrides?: Partial<StoreOptions>): Promise<Store>;
  kind: 'embedded' | 'postgres';
  /** What `openStore` is given: for a child process. */
  options: StoreOptions;
}

/** The server on which tests make their databases. */
const server = process.env['TEST_DATABASE_URL'];
const isPostgresPass = process.env['BALTO_TEST_STORE'] === 'postgres';
if (isPostgresPass && !server) throw new Error('BALTO_TEST_STORE=postgres needs TEST_DATABASE_URL');

const SECRET_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

const silent = (): void => {};
export const quietLog: Log = { debug: silent, info: silent, warn: silent, error: silent };

/**
 * Runs `body` once per database: on the embedded one, and on a real Postgres when TEST_DATABASE_URL names a server (each
 * run makes a database of its own there and drops it). With `BALTO_TEST_STORE=postgres`, the second pass over the suite,
 * only on Postgres: the first has run the other.
 */
export async function forEachDatabase(t: Test, body: (t: Test, open: OpenStore) => Promise<void>): Promise<void> {
  if (!isPostgresPass) await t.test('embedded', async (t) => body(t, await embedded(t)));
  const skip = server ? false : 'TEST_DATABASE_URL is not set: not run on a real Postgres';
  await t.test('postgres', { skip }, async (t) => body(t, await postgres(t, server ?? '')));
}

/** The database of a test that is about something else: embedded, or with `BALTO_TEST_STORE=postgres` a real Postgres. */
export async function testDatabase(t: Test): Promise<OpenStore> {
  return isPostgresPass ? postgres(t, server ?? '') : embedded(t);
}

/** The same, opened. */
export async function openTestStore(t: Test, overrides: Partial<StoreOptions> = {}): Promise<Store> {
  const open = await testDatabase(t);
  return open(overrides);
}

/** A fresh embedded database, copied from a migrated one. */
export async function embedded(t: Test): Promise<OpenStore> {
  const dataDir = await temporaryFolder(t);
  await cp(await migratedFolder(), dataDir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return opener(t, 'embedded', { dataDir, secretKey: SECRET_KEY, log: quietLog });
}

/** A fresh database on the server of `url`. */
export async function postgres(t: Test, url: string): Promise<OpenStore> {
  const name = `balto_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(url, `create database ${name}`);
  t.teardown(() => onServer(url, `drop database if exists ${name} with (force)`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return opener(t, 'postgres', {
    url: own.href,
    dataDir: await temporaryFolder(t),
    secretKey: SECRET_KEY,
    log: quietLog,
  });
}

/** Removed when the test ends. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'balto-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

function opener(t: Test, kind: OpenStore['kind'], options: StoreOptions): OpenStore {
  const open = async (overrides: Partial<StoreOptions> = {}): Promise<Store> => {
    const store = await openStore({ ...options, ...overrides });
    t.teardown(() => store.close());
    return store;
  };
  return Object.assign(open, { kind, options });
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A data folder with every migration applied, made once per version of the migrations: starting from it takes 0.5 s, not 5. */
async function migratedFolder(): Promise<string> {
  const folder = join(tmpdir(), `balto-test-template-${await schemaDigest()}`);
  if (await exists(join(folder, 'postgres'))) return folder;
  const draft = await mkdtemp(`${folder}-`);
  const store = await openStore({ dataDir: draft, secretKey: SECRET_KEY, log: quietLog });
  await store.close();
  try {
    await rename(draft, folder);
  } catch {
    // Another test file was faster, and its folder is as good.
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

async function schemaDigest(): Promise<string> {
  const hash = createHash('sha256');
  const root = new URL('../../', import.meta.url);
  for (const folder of ['migrations/', 'migrations/support/']) {
    for (const file of (await readdir(new URL(folder, root))).sort()) {
      if (file.endsWith('.ts')) hash.update(file).update(await readFile(new URL(folder + file, root)));
    }
  }
  hash.update(await readFile(new URL('package-lock.json', root)));
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
