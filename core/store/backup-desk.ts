import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BaltoError, type Clock, type Log } from '../contracts/index.ts';
import { backupTo } from './backup-file.ts';
import type { Author } from './config-versions.ts';
import { COPY_BEAT_MS, type Copies } from './copies.ts';
import type { Copy } from './copies-table.ts';
import type { Store } from './index.ts';

/** How things stand with the copies. */
export interface BackupStatus {
  /** When the newest was finished; null: there is none. */
  lastAt: Date | null;
  /** Whole seconds since then; null: there is none. */
  ageS: number | null;
  /** BACKUP_MAX_AGE_DAYS; 0: no age is too old. */
  maxAgeDays: number;
  isOld: boolean;
  /** BACKUP_KEEP. */
  keep: number;
}

const DAY_MS = 86_400_000;

/** Makes copies of the database while everything goes on, one at a time, and keeps the newest of them. */
export class BackupDesk {
  readonly #store: Store;
  readonly #copies: Copies;
  readonly #folder: string;
  readonly #keep: number;
  readonly #maxAgeDays: number;
  readonly #clock: Clock;
  readonly #log: Log;
  #working: Promise<void> = Promise.resolve();

  constructor(parts: {
    store: Store;
    /** Where the files lie. */
    folder: string;
    keep: number;
    maxAgeDays: number;
    clock: Clock;
    log: Log;
  }) {
    this.#store = parts.store;
    this.#copies = parts.store.copies;
    this.#folder = parts.folder;
    this.#keep = parts.keep;
    this.#maxAgeDays = parts.maxAgeDays;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /**
   * Begins one; it goes on after this has returned. @throws BaltoError `BALTO_BACKUP_RUNNING` (409), `BALTO_BACKUP_FILE` when the
   * folder cannot be written.
   */
  async start(by: Author): Promise<Copy> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      const code = String((cause as { code?: unknown }).code);
      const message = `A pasta de cópias não pode ser usada (${code}); confira BACKUP_DIR.`;
      throw new BaltoError({ code: 'BALTO_BACKUP_FILE', message, statusCode: 503, cause });
    });
    const copy = await this.#copies.begin(nameOf, by);
    if (!copy) {
      throw new BaltoError({
        code: 'BALTO_BACKUP_RUNNING',
        message: 'Já há uma cópia sendo feita; espere que ela termine.',
        statusCode: 409,
      });
    }
    this.#working = this.#make(copy);
    return copy;
  }

  /** Resolves when what was begun here has come to its end. */
  async close(): Promise<void> {
    await this.#working;
  }

  list(): Promise<Copy[]> {
    return this.#copies.list();
  }

  async status(): Promise<BackupStatus> {
    const { copiedAt, installedAt } = await this.#copies.age();
    const now = this.#clock.date().getTime();
    const since = (copiedAt ?? installedAt).getTime();
    return {
      lastAt: copiedAt,
      ageS: copiedAt && Math.max(0, Math.floor((now - copiedAt.getTime()) / 1000)),
      maxAgeDays: this.#maxAgeDays,
      isOld: this.#maxAgeDays > 0 && now - since > this.#maxAgeDays * DAY_MS,
      keep: this.#keep,
    };
  }

  /** A finished copy as a stream. @throws BaltoError 404 `BALTO_BACKUP_UNKNOWN`, 409 `BALTO_BACKUP_ELSEWHERE`. */
  async open(id: string): Promise<{ copy: Copy; bytes: number; stream(): Readable }> {
    const copy = await this.#here(id);
    const path = join(this.#folder, copy.file ?? '');
    const found = await stat(path).catch(() => null);
    if (!found?.isFile()) throw unknown('O arquivo desta cópia não está mais na pasta de cópias.');
    return { copy, bytes: found.size, stream: () => createReadStream(path) };
  }

  /** Deletes one, file and all. @throws as `open` */
  async remove(id: string, by: Author): Promise<void> {
    const copy = await this.#here(id);
    await rm(join(this.#folder, copy.file ?? ''), { force: true });
    await this.#copies.remove(id, by, 'backup.remove');
  }

  /** Raises the alert of an old copy, when it is due. */
  watch(): Promise<boolean> {
    return this.#copies.watch(this.#maxAgeDays);
  }

  async #here(id: string): Promise<Copy> {
    const copy = await this.#copies.byId(id);
    if (copy?.state !== 'pronta' || copy.file === null) throw unknown('Não há essa cópia.');
    if (copy.host === hostname()) return copy;
    throw new BaltoError({
      code: 'BALTO_BACKUP_ELSEWHERE',
      message: `Esta cópia está na máquina ${copy.host}; peça-a por um Balto que corra nela.`,
      statusCode: 409,
    });
  }

  async #make(copy: Copy): Promise<void> {
    let stop = (): void => {};
    const beat = (): void => {
      stop = this.#clock.after(COPY_BEAT_MS, () => {
        this.#copies.beat(copy.id).then(
          (isOurs) => isOurs && beat(),
          () => beat(), // the database is away: the next sign of life may reach it
        );
      });
    };
    beat();
    const path = join(this.#folder, copy.file ?? '');
    try {
      await this.#sweep();
      const { rows } = await backupTo(this.#store, path);
      const { size } = await stat(path);
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      if (!(await this.#copies.finish(copy.id, { bytes: size, rows: total }))) {
        throw new BaltoError({ code: 'BALTO_BACKUP_LOST', message: 'Ficou tempo demais sem dar sinal.' });
      }
      this.#log.info({ backup: copy.id, bytes: size, rows: total }, 'a copy of the database was made');
      await this.#expire();
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? 'erro');
      this.#log.error({ backup: copy.id, code }, 'a copy of the database could not be made');
      await rm(path, { force: true });
      await this.#copies.fail(copy.id, code).catch((cause: unknown) => {
        this.#log.error({ backup: copy.id, code: (cause as { code?: unknown }).code }, 'nor could that be noted');
      });
    } finally {
      stop();
    }
  }

  /** Halves that a process left when it died: whoever makes a copy is the only one who writes here. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (HALF.test(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  async #expire(): Promise<void> {
    for (const copy of await this.#copies.surplus(this.#keep)) {
      await rm(join(this.#folder, copy.file ?? ''), { force: true });
      await this.#copies.remove(copy.id, { actor: 'system' }, 'backup.expire');
    }
  }
}

const HALF = /^balto-[0-9TZ]+-[0-9a-f]{8}\.tar\.gz\.parcial$/;

/** `balto-20261121T230500Z-1f2e3d4c.tar.gz`. */
function nameOf(id: string, at: Date): string {
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '');
  return `balto-${time}-${id.slice(0, 8)}.tar.gz`;
}

function unknown(message: string): BaltoError {
  return new BaltoError({ code: 'BALTO_BACKUP_UNKNOWN', message, statusCode: 404 });
}
