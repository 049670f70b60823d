import { EventEmitter } from 'node:events';
import type { Clock, Log } from '../contracts/index.ts';
import { type AppliedProcess, ProcessReports } from './config-applied.ts';
import { itemsAt, itemsBetween } from './config-items.ts';
import { type ConfigSnapshot, EMPTY_SNAPSHOT, nextSnapshot } from './config-snapshot.ts';
import { CONFIG_CHANNEL, type ConfigVersions } from './config-versions.ts';
import type { Database, DatabaseState } from './database.ts';
import { awayError } from './database-errors.ts';
import type { Notifications } from './notifications.ts';
import type { VendorCredentials } from './vendor-credentials.ts';

/** How current a process's configuration is. */
export interface LiveConfigStatus {
  /** In force here; 0: the environment alone. */
  version: number;
  /** Since when nobody could tell whether this is still the newest (the database is away); null: it is. */
  staleSince: Date | null;
  /** Whether announcements are heard; if not, changes are found by asking. */
  listening: boolean;
}

export interface LiveConfigOptions {
  db: Database;
  versions: ConfigVersions;
  credentials: VendorCredentials;
  clock: Clock;
  log: Log;
}

/** How often a process asks for a newer version, whatever was announced: half of the second in which it must be in force. */
const ASK_MS = 400;
const REPORT_MS = 5000;

/**
 * The configuration as this process applies it. A change is announced by the database and found by asking besides; it is
 * read whole and takes the place of the one before in one step. While the database is away the last one stays in force.
 */
export class LiveConfig extends EventEmitter<{ applied: [ConfigSnapshot] }> {
  readonly #options: LiveConfigOptions;
  readonly #reports: ProcessReports;
  #snapshot: ConfigSnapshot = EMPTY_SNAPSHOT;
  #notifications: Notifications | null = null;
  #refreshing: Promise<void> | null = null;
  #isAskedAgain = false;
  #mustReadAll = false;
  #staleSince: Date | null = null;
  #sessions: () => Record<string, number> = () => ({});
  #cancelAsk: () => void = () => {};
  #cancelReport: () => void = () => {};
  #closed = false;
  readonly #onState = (state: DatabaseState): void => {
    if (state === 'ready') void this.refresh();
    else if (state === 'away') this.#stale(awayError());
  };
  readonly #onWritten = (): void => void this.refresh();

  constructor(options: LiveConfigOptions) {
    super();
    this.#options = options;
    this.#reports = new ProcessReports(options.db, options.clock);
  }

  /** What is in force here, at once. The same object until the next version. */
  snapshot(): ConfigSnapshot {
    return this.#snapshot;
  }

  get version(): number {
    return this.#snapshot.version;
  }

  status(): LiveConfigStatus {
    return {
      version: this.version,
      staleSince: this.#staleSince,
      listening: this.#notifications?.isListening ?? this.#options.db.kind === 'embedded',
    };
  }

  /**
   * What each process applies, this one first, as they told last; those that are gone are left out after a while. With the
   * database away this one alone.
   */
  async processes(): Promise<AppliedProcess[]> {
    if (this.#options.db.status().state !== 'ready') return [this.#reports.own(this.version, this.#sessions())];
    await this.#report();
    return await this.#reports.list();
  }

  /** Where the open sessions are counted, by the version of their last utterance. */
  countSessions(sessions: () => Record<string, number>): void {
    this.#sessions = sessions;
  }

  /**
   * Applies the newest version and goes on doing so. With the database away it resolves all the same, with nothing but the
   * environment in force until it comes.
   */
  async start(): Promise<void> {
    const { db, versions } = this.#options;
    this.#notifications = db.listen(CONFIG_CHANNEL, () => void this.refresh());
    db.on('state', this.#onState);
    versions.on('written', this.#onWritten);
    await this.refresh();
    // Nobody else writes to the embedded database: what this process writes it hears of at once.
    if (db.kind === 'postgres') this.#askLater();
    this.#reportLater();
  }

  /** Asks for the newest version and applies it. Never rejects: what fails leaves the last one in force, and says so. */
  refresh(): Promise<void> {
    if (this.#refreshing) {
      this.#isAskedAgain = true;
      return this.#refreshing.then(() => this.#refreshing ?? undefined);
    }
    this.#refreshing = this.#applyNewest()
      .catch((error: unknown) => this.#stale(error))
      .finally(() => {
        this.#refreshing = null;
        if (!this.#isAskedAgain || this.#closed) return;
        this.#isAskedAgain = false;
        void this.refresh();
      });
    return this.#refreshing;
  }

  /** Reads everything anew, whatever the numbers say: the database was restored. */
  async reload(): Promise<void> {
    await this.#refreshing;
    this.#mustReadAll = true;
    await this.refresh();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { db, versions } = this.#options;
    db.off('state', this.#onState);
    versions.off('written', this.#onWritten);
    this.#cancelAsk();
    this.#cancelReport();
    await this.#notifications?.close();
    await this.#refreshing;
    await this.#reports.leave().catch((error: unknown) => this.#say(error, 'this process did not sign off'));
  }

  async #applyNewest(): Promise<void> {
    if (this.#closed) return;
    const { db, versions, credentials } = this.#options;
    const from = this.#snapshot;
    const newest = await versions.newest();
    if (newest !== from.version || this.#mustReadAll) {
      // A number below ours: another database was restored in the place of the one we knew.
      const isNext = newest > from.version && from.version > 0 && !this.#mustReadAll;
      const items = await db.system((trx) =>
        isNext ? itemsBetween(trx, from.version, newest) : itemsAt(trx, newest, {}),
      );
      const next = await nextSnapshot(isNext ? from : EMPTY_SNAPSHOT, newest, items, (ids) => credentials.open(ids));
      this.#mustReadAll = false;
      this.#snapshot = next;
      this.#options.log.info({ version: next.version, from: from.version }, 'configuration applied');
      this.emit('applied', next);
      void this.#report();
    }
    if (this.#staleSince) this.#options.log.info({ version: this.version }, 'the configuration is the newest again');
    this.#staleSince = null;
  }

  #stale(error: unknown): void {
    if (this.#staleSince !== null) return;
    this.#staleSince = this.#options.clock.date();
    this.#say(error, 'no newer configuration can be read; the last one stays in force');
  }

  #askLater(): void {
    this.#cancelAsk = this.#options.clock.after(ASK_MS, () => {
      void this.refresh().then(() => {
        if (!this.#closed) this.#askLater();
      });
    });
  }

  #reportLater(): void {
    this.#cancelReport = this.#options.clock.after(REPORT_MS, () => {
      void this.#report().then(() => {
        if (!this.#closed) this.#reportLater();
      });
    });
  }

  async #report(): Promise<void> {
    if (this.#closed || this.#options.db.status().state !== 'ready') return;
    try {
      await this.#reports.tell(this.version, this.#sessions());
    } catch (error) {
      this.#say(error, 'the version in force here could not be told to the others');
    }
  }

  #say(error: unknown, message: string): void {
    const { code, name } = error as { code?: unknown; name?: unknown };
    this.#options.log.warn({ version: this.version, code: code ?? name }, message);
  }
}
