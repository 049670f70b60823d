import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BaltoError } from '../contracts/index.ts';
import { KEY_BYTES, parseSecretKey } from './secrets.ts';

/** Where the keys come from, as `openStore` is told. */
interface KeySource {
  url?: string | undefined;
  dataDir: string;
  secretKey?: string | undefined;
  previousSecretKeys?: readonly string[];
}

/**
 * The key in use and those before it. `folder`: where Balto keeps its own; null: the operator's are used.
 * @throws BaltoError `BALTO_CONFIG_SECRET_KEY` for what is no key, and for an external database without one.
 */
export async function secretKeys(
  options: KeySource,
): Promise<{ current: Buffer; previous: Buffer[]; folder: string | null }> {
  const previous = (options.previousSecretKeys ?? []).map(parsePrevious);
  if (options.secretKey) return { current: parseSecretKey(options.secretKey), previous, folder: null };
  if (options.url === undefined) {
    const [current, ...kept] = await loadOrCreateSecretKeys(options.dataDir);
    return { current, previous: [...kept, ...previous], folder: options.dataDir };
  }
  throw new BaltoError({
    code: 'BALTO_CONFIG_SECRET_KEY',
    field: 'BALTO_SECRET_KEY',
    message: 'Com um banco externo, defina BALTO_SECRET_KEY (faça uma com: openssl rand -hex 32).',
  });
}

function parsePrevious(text: string): Buffer {
  return parseSecretKey(text, 'BALTO_SECRET_KEY_PREVIOUS');
}

/**
 * The keys kept in `<dataDir>/secret.key` (0600), one a line, the one in use first; made on first use. Two processes that
 * start at once agree on one: a whole file is linked into place, and whoever comes second reads it.
 */
export async function loadOrCreateSecretKeys(dataDir: string): Promise<[current: Buffer, ...previous: Buffer[]]> {
  const path = pathIn(dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const existing = await readOptional(path);
  if (existing !== null) return keysIn(existing);
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${newKey()}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return keysIn(await readFile(path, 'utf8'));
}

/**
 * Puts a new key before the one in use, which stays to open what it sealed (journals not written yet, audit seals, older
 * backups); those before it go. @returns the new one. The file is whole at any moment.
 */
export async function addSecretKey(dataDir: string): Promise<Buffer> {
  const path = pathIn(dataDir);
  const [before = ''] = (await readFile(path, 'utf8')).split('\n');
  const key = newKey();
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${key}\n${before.trim()}\n`, { mode: 0o600, flag: 'wx', flush: true });
  await rename(draft, path);
  await syncFolder(dataDir);
  return parseSecretKey(key);
}

/** The new name must outlive a power cut before anything is sealed with the new key. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function keysIn(text: string): [Buffer, ...Buffer[]] {
  const [current = '', ...previous] = text.split('\n').filter((line) => line.trim() !== '');
  return [parseSecretKey(current), ...previous.map((line) => parseSecretKey(line))];
}

function newKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'secret.key');
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
