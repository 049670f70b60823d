import { mkdir, open, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { localDay } from '../wall-clock.ts';

/** Whose voice, and when: what a file is called by. */
export interface AudioOf {
  id: number;
  counterId: string;
  at: Date;
}

const FOLDER = 'archiver';
const COUNTER = /^[A-Za-z0-9_-]{1,64}$/;

/** Where the voice of an utterance lies, below the archive's folder; the day is the shop's. It stands in `audio_file_path`. */
export function audioPath({ id, counterId, at }: AudioOf): string {
  // A counter's id is ours, a UUID; an imported one may be anything.
  const counter = COUNTER.test(counterId) ? counterId : Buffer.from(counterId).toString('hex').slice(0, 64);
  return `${FOLDER}/${localDay(at)}/${counter}/interaction_${id}.wav`;
}

/** Voices on disk: plain WAV that any player opens, readable by this user alone (folders 0700, files 0600). */
export class AudioFiles {
  readonly #root: string;

  /** `root`: AUDIO_DUMP_DIR, or a folder of the data folder. Made when the first voice is written. */
  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** Written beside and moved into place: what is there is whole. */
  async write(path: string, wav: Uint8Array): Promise<void> {
    const file = this.#inside(path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.parcial`;
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(wav);
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  }

  /** Null: there is none. */
  async read(path: string): Promise<Buffer | null> {
    try {
      return await readFile(this.#inside(path));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** @returns whether there was one. */
  async remove(path: string): Promise<boolean> {
    const file = this.#inside(path);
    try {
      await rm(file);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    await rmdir(dirname(file)).catch(() => {}); // others are still in it
    return true;
  }

  /** A path of the database is taken only below the archive's own folder. */
  #inside(path: string): string {
    const file = resolve(this.#root, path);
    if (file.startsWith(`${join(this.#root, FOLDER)}${sep}`)) return file;
    throw Object.assign(new Error('not a path of the archive'), { code: 'BALTO_AUDIO_PATH' });
  }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ENOENT' || code === 'ENOTDIR';
}
