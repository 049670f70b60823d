import { rm } from 'node:fs/promises';
import type { DrainerOptions } from './drainer.ts';
import { FolderLock } from './folder-lock.ts';
import { lockPath } from './journal.ts';
import { type JournalPosition, type JournalSource, orphanIds, orphanSource } from './journal-source.ts';

/** How often journals of other processes are looked for: one may have died. */
const EVERY_MS = 5000;

/** Reads a journal into the database from a position on. False: it was stopped before the end. */
export type Drain = (source: JournalSource, from: JournalPosition) => Promise<boolean>;

/** Finds the journals that dead processes of this machine left, and has them stored. */
export class JournalRecovery {
  readonly #options: DrainerOptions;
  readonly #drain: Drain;
  #running: Promise<void> | null = null;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(options: DrainerOptions, drain: Drain) {
    this.#options = options;
    this.#drain = drain;
  }

  start(): void {
    this.#options.db.on('state', (state) => {
      if (state === 'ready') this.#soon(0);
    });
    this.#recover();
  }

  /** Resolves when the search under way is through. */
  async done(): Promise<void> {
    await this.#running;
  }

  /** Looks again now; resolves when what is found is stored. */
  async again(): Promise<void> {
    await this.#running;
    this.#recover();
    await this.#running;
  }

  /** Begins no further search by itself. */
  pause(): void {
    this.#cancel();
  }

  /** Begins nothing more; resolves when what is under way has stopped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#running;
  }

  #recover(): void {
    if (this.#closed || this.#running) return;
    this.#running = this.#recoverAll().catch((error: unknown) => {
      this.#options.log.error(
        { code: (error as { code?: unknown }).code },
        'journals of other processes cannot be read',
      );
    });
    void this.#running.then(() => {
      this.#running = null;
      this.#soon(EVERY_MS);
    });
  }

  #soon(ms: number): void {
    this.#cancel();
    if (!this.#closed) this.#cancel = this.#options.clock.after(ms, () => this.#recover());
  }

  async #recoverAll(): Promise<void> {
    const { root, journal, db } = this.#options;
    if (db.status().state !== 'ready') return;
    const ids = await orphanIds(root, journal.id);
    for (const id of ids) {
      if (this.#closed) return;
      const { lock } = await FolderLock.take(lockPath(root, id), this.#options.clock, false);
      if (!lock) continue;
      try {
        await this.#recoverOne(orphanSource(root, id));
      } finally {
        await lock.release();
      }
    }
    if (ids.length > 0) await journal.measure();
  }

  async #recoverOne(source: JournalSource): Promise<void> {
    const { db, log } = this.#options;
    const stored = await db.system((trx) =>
      trx.selectFrom('journal_positions').selectAll().where('journal_id', '=', source.id).executeTakeFirst(),
    );
    const from = stored ? { segment: stored.segment, position: stored.position } : { segment: 0, position: 0 };
    if (!(await this.#drain(source, from))) return;
    await rm(source.folder, { recursive: true, force: true });
    await db.system((trx) => trx.deleteFrom('journal_positions').where('journal_id', '=', source.id).execute());
    log.info({ journal: source.id }, 'journal of an earlier process is stored');
  }
}
