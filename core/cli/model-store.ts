import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Environment, readEnvironment } from '../../config/environment.ts';
import catalogue from '../../config/models.json' with { type: 'json' };
import { BaltoError } from '../contracts/index.ts';
import { silentLog } from './silent-log.ts';

/** A model that may be pulled by name: listed only with the source of its checksum. */
export interface CatalogueModel {
  name: string;
  /** What it is for; pt-BR. */
  use: string;
  url: string;
  sha256: string;
  license: string;
  /** Where the checksum was read, and when. */
  checksumFrom: string;
  /** The publisher's own list of checksums, to compare. */
  publisher: string;
}

/** What is written into the folder of a model that was pulled. */
export interface Installed {
  name: string;
  sha256: string;
  url: string;
}

export const CATALOGUE: readonly CatalogueModel[] = catalogue.models;

/** A folder's name: no separators, so that it leads nowhere else. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/;

const RECORD = '.balto-model.json';
/** Beside the models and on their disk, so that the last step is a rename. */
const WORK = '.partial';
const RESERVE_BYTES = 200 * 1_048_576;

export function modelsFolder(env: Record<string, string | undefined>): string {
  const { modelsDir, dataDir }: Environment = readEnvironment(env, silentLog);
  return resolve(modelsDir ?? join(dataDir, 'models'));
}

/** The folder for unfinished work, made when it is not there. */
export async function workFolder(folder: string): Promise<string> {
  const work = join(folder, WORK);
  try {
    await mkdir(work, { recursive: true, mode: 0o755 });
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code ?? 'erro');
    const message = `Não se pode gravar em ${folder} (${code}); confira BALTO_MODELS_DIR.`;
    throw new BaltoError({ code: 'BALTO_MODELS_FOLDER', message, field: 'BALTO_MODELS_DIR', cause });
  }
  return work;
}

/** Names of the folders that hold a model, whoever put them there. */
export async function installedNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    // Nothing was ever pulled; a folder that may not be read is another matter, and is said.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() && MODEL_NAME.test(entry.name)).map(({ name }) => name);
}

/** What was pulled under this name; null where nothing was, or somebody else made the folder. */
export async function installed(folder: string, name: string): Promise<Installed | null> {
  try {
    return JSON.parse(await readFile(join(folder, name, RECORD), 'utf8')) as Installed;
  } catch {
    return null;
  }
}

/** Throws BALTO_MODELS_EXISTS when the place is taken. */
export function checkFree(folder: string, name: string): void {
  if (!existsSync(join(folder, name))) return;
  throw new BaltoError({
    code: 'BALTO_MODELS_EXISTS',
    message: `Já existe ${join(folder, name)}, com outro conteúdo; use --force para trocar, ou --name para outro nome.`,
    field: 'name',
  });
}

/**
 * Moves an unpacked model to its place by a rename: nobody ever sees half of one, and when it fails the place is as it was.
 * A single folder at the top of an archive is the model itself.
 */
export async function putInPlace(unpacked: string, folder: string, record: Installed): Promise<string> {
  const entries = await readdir(unpacked, { withFileTypes: true });
  const [only] = entries;
  const model = entries.length === 1 && only?.isDirectory() ? join(unpacked, only.name) : unpacked;
  await writeFile(join(model, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  const place = join(folder, record.name);
  const old = join(folder, WORK, `${record.sha256}.old`);
  await rm(old, { recursive: true, force: true });
  const hadOne = existsSync(place);
  if (hadOne) await rename(place, old);
  try {
    await rename(model, place);
  } catch (error) {
    if (hadOne) await rename(old, place);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
  return place;
}

/** Throws BALTO_MODELS_DISK when `bytes` and a reserve do not fit on the disk of `folder`. */
export async function checkDisk(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(existsSync(folder) ? folder : dirname(folder));
  const free = bavail * bsize;
  if (free >= bytes + RESERVE_BYTES) return;
  const megabytes = (value: number) => Math.ceil(value / 1_048_576);
  throw new BaltoError({
    code: 'BALTO_MODELS_DISK',
    message: `Falta espaço em ${folder}: ${megabytes(free)} MB livres, preciso de ${megabytes(bytes + RESERVE_BYTES)} MB.`,
  });
}
