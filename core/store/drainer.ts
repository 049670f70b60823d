import type { Clock, Log } from '../contracts/index.ts';
import type { Database } from './database.ts';
import { isForGood } from './database-errors.ts';
import type { JournalEntry } from './interaction.ts';
import type { Journal } from './journal.ts';
import { applyEntries } from './journal-apply.ts';
import { JournalRecovery } from './journal-recovery.ts';
import { type JournalBatch, type JournalPosition, type JournalSource, ownSource, readBatch } from './journal-source.ts';
import { announceInteractions } from './live-rows.ts';
import type { Secrets } from './secrets.ts';

export interface DrainerOptions {
  db: Database;
  journal: Journal;
  /** Where entries go that the database refuses for good: kept, encrypted, for a person to look at. */
  rejected: Journal;
  /** Folder of all journals. */
  root: string;
  secrets: Secrets;
  clock: Clock;
  log: Log;
}

export interface DrainerStatus {
  /** Code of what keeps it from writing; null: it writes. */
  error: string | null;
  /** Entries the database refused since the start. */
  rejected: number;
}

const BACKOFF_MS = { first: 50, most: 5000 };
/**
 * What is journalled within so long of the first entry goes into one transaction: entry by entry a transaction costs
 * four times what its row does, and its flush stands in the way of the journal's own. Nobody waits for these rows.
 */
const GATHER_MS = 500;

/**
 * Writes journals into the database, in order. How far it has come is stored in the same transaction as the rows, so a
 * record is applied once, whatever dies in between. While the database is away it waits, and the journal grows.
 */
export class Drainer {
  readonly #options: DrainerOptions;
  #position: JournalPosition = { segment: 0, position: 0 };
  #running: Promise<void> | null = null;
  #wanted = false;
  readonly #recovery: JournalRecovery;
  #stop = new AbortController();
  #idle: (() => void)[] = [];
  /** Ends the gathering under way. */
  #hurry: () => void = () => {};
  #error: string | null = null;
  #rejected = 0;

  constructor(options: DrainerOptions) {
    this.#options = options;
    this.#recovery = new JournalRecovery(options, (source, from) => this.#drain(source, from, () => {}));
  }

  start(): void {
    this.#options.journal.onDurable(() => this.#wake());
    this.#recovery.start();
  }

  status(): DrainerStatus {
    return { error: this.#error, rejected: this.#rejected };
  }

  /** Resolves when everything appended before the call is in the database, or when the drainer stops. */
  drained(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#wake();
      this.#hurry();
    });
  }

  /** Resolves when the journals that dead processes left, as found by the search now under way, are in the database. */
  async recovered(): Promise<void> {
    await this.#recovery.done();
  }

  /** Looks for journals of dead processes now; resolves when they are in the database. */
  recover(): Promise<void> {
    return this.#recovery.again();
  }

  /** Drains for at most `graceMs`, then stops. @returns whether everything was written. */
  async close(graceMs: number): Promise<boolean> {
    const drained = this.drained();
    this.#recovery.pause();
    const cancelled = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      drained.then(() => clearTimeout(timer));
    });
    await Promise.race([drained, cancelled]);
    this.#stop.abort();
    this.#hurry();
    await Promise.all([this.#running, this.#recovery.close()]);
    const { journal, db } = this.#options;
    if (!journal.segments().every(({ number, end }) => this.#isPast(number, end))) return false;
    if (db.status().state === 'ready') {
      await db.system((trx) => trx.deleteFrom('journal_positions').where('journal_id', '=', journal.id).execute());
    }
    return true;
  }

  #isPast(segment: number, end: number): boolean {
    return segment < this.#position.segment || (segment === this.#position.segment && end <= this.#position.position);
  }

  #wake(): void {
    this.#wanted = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const source = ownSource(this.#options.journal);
    while (this.#wanted && !this.#stop.signal.aborted) {
      await this.#gather();
      this.#wanted = false;
      const waiting = this.#idle;
      this.#idle = [];
      if (await this.#drainOwn(source)) {
        for (const resolve of waiting) resolve();
      } else {
        this.#idle.push(...waiting);
        this.#wanted = true;
      }
    }
    this.#running = null;
    if (this.#stop.signal.aborted) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Waits for what comes next, unless somebody asks for what is there already. */
  #gather(): Promise<void> | void {
    if (this.#idle.length > 0 || this.#stop.signal.aborted) return;
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(GATHER_MS, resolve);
      this.#hurry = () => {
        cancel();
        resolve();
      };
    });
  }

  /** @returns false when it was stopped, or when the journal's own files could not be read just now. */
  async #drainOwn(source: JournalSource): Promise<boolean> {
    try {
      return await this.#drain(source, this.#position, (position) => {
        this.#position = position;
      });
    } catch (error) {
      this.#report(error);
      await this.#wait(BACKOFF_MS.most);
      return false;
    }
  }

  /** @returns false when it was stopped before the end. */
  async #drain(
    source: JournalSource,
    from: JournalPosition,
    moved: (position: JournalPosition) => void,
  ): Promise<boolean> {
    let position = from;
    while (!this.#stop.signal.aborted) {
      const batch = await readBatch(source, position, this.#options.secrets);
      if (batch.damaged > 0) {
        this.#options.log.error({ journal: source.id, records: batch.damaged }, 'journal records are damaged');
      }
      if (batch.records.length > 0 && !(await this.#persist(source.id, batch))) return false;
      position = batch.next;
      moved(position);
      for (const segment of batch.finished) await source.drop(segment);
      if (batch.exhausted) return true;
    }
    return false;
  }

  /** Tries until the batch is stored. @returns false when it was stopped. */
  async #persist(id: string, batch: JournalBatch): Promise<boolean> {
    const entries = batch.records.map(({ entry }) => entry);
    let waitMs = BACKOFF_MS.first;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#store(id, batch.next, entries);
        this.#error = null;
        return true;
      } catch (error) {
        if (isForGood(error)) {
          if (await this.#storeOneByOne(id, batch)) return true;
        } else {
          this.#report(error);
        }
      }
      await this.#wait(waitMs);
      waitMs = Math.min(waitMs * 2, BACKOFF_MS.most);
    }
    return false;
  }

  #store(id: string, at: JournalPosition, entries: JournalEntry[]): Promise<void> {
    return this.#options.db.system(async (trx) => {
      await applyEntries(trx, entries);
      if (this.#options.db.kind === 'postgres') await announceInteractions(trx, entries);
      const row = { segment: at.segment, position: at.position, updated_at: this.#options.clock.date() };
      await trx
        .insertInto('journal_positions')
        .values({ journal_id: id, ...row })
        .onConflict((conflict) => conflict.column('journal_id').doUpdateSet(row))
        .execute();
    });
  }

  /** One entry of a batch is refused for good: the others are stored, and that one is put aside. */
  async #storeOneByOne(id: string, batch: JournalBatch): Promise<boolean> {
    for (const { entry, end } of batch.records) {
      try {
        await this.#store(id, { segment: batch.next.segment, position: end }, [entry]);
      } catch (error) {
        if (!isForGood(error)) {
          this.#report(error);
          return false;
        }
        await this.#options.rejected.append(entry);
        this.#rejected += 1;
        this.#options.log.error(
          { code: (error as { code?: unknown }).code, type: entry.type },
          'the database refuses an entry: put aside',
        );
      }
    }
    return true;
  }

  #report(error: unknown): void {
    const code = String((error as { code?: unknown }).code ?? 'UNKNOWN').slice(0, 40);
    if (this.#error !== code) this.#options.log.warn({ code }, 'journal is not being written to the database');
    this.#error = code;
  }

  /** Waits out `ms`, less when the database comes back or the drainer stops. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { db, clock } = this.#options;
      const done = (): void => {
        cancel();
        db.off('state', done);
        this.#stop.signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = clock.after(ms, done);
      db.on('state', done);
      this.#stop.signal.addEventListener('abort', done);
    });
  }
}
