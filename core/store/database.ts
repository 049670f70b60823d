import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { BaltoError, type Clock, type Log } from '../contracts/index.ts';
import { ChangeUnit } from './change-unit.ts';
import { awayError, isAway, isRefused, refusedError } from './database-errors.ts';
import { EmbeddedPostgres } from './embedded.ts';
import { FolderLock } from './folder-lock.ts';
import { type JobManners, MANNERS } from './job-manners.ts';
import { migrate } from './migrations.ts';
import { Notifications } from './notifications.ts';
import { systemClock } from './system-clock.ts';
import type { Tables } from './tables.ts';
import { valueParsers } from './value-parsers.ts';

export interface DatabaseOptions {
  /** Postgres connection string; absent: the embedded database in `dataDir`. */
  url?: string | undefined;
  dataDir: string;
  log: Log;
  clock?: Clock;
  /** Connections to a real Postgres. Default 10. */
  maxConnections?: number;
}

/** connecting: never reached yet; ready: reached and migrated; away: was reached, does not answer now. */
export type DatabaseState = 'connecting' | 'ready' | 'away' | 'closed';

export interface DatabaseStatus {
  kind: 'embedded' | 'postgres';
  state: DatabaseState;
  since: Date;
  /** Code of the last failure while not ready, e.g. `ECONNREFUSED`. */
  error: string | null;
  /** Newest migration in force. */
  migration: string | null;
}

type Work<T> = (trx: Transaction<Tables>) => Promise<T>;

const BACKOFF_MS = { first: 100, most: 5000 };

/**
 * Opens the database and brings it to this version. The embedded one is ready when this resolves. A real Postgres that
 * does not answer is no failure: the database is `connecting`, keeps trying, and says so by `status()` and `state`.
 * @throws BaltoError `BALTO_STORE_LOCKED` (another process has the folder), `BALTO_STORE_REFUSED` (wrong password, no
 * such database), or what `migrate` throws.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const clock = options.clock ?? systemClock;
  if (options.url !== undefined) {
    const pool = new pg.Pool({
      connectionString: options.url,
      max: options.maxConnections ?? 10,
      connectionTimeoutMillis: 3000,
      idleTimeoutMillis: 30_000,
      statement_timeout: 30_000,
      keepAlive: true,
      types: valueParsers,
    });
    const database = new Database('postgres', pool, () => pool.end(), clock, options.log, options.url);
    await database.start();
    return database;
  }
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const { lock, holder } = await FolderLock.take(join(options.dataDir, 'balto.lock'), clock, true);
  if (!lock) throw lockedError(options.dataDir, holder);
  const folder = join(options.dataDir, 'postgres');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const embedded = new EmbeddedPostgres(folder, options.log);
  const close = async (): Promise<void> => {
    await embedded.close();
    await lock.release();
  };
  const database = new Database('embedded', embedded.pool, close, clock, options.log);
  await database.start();
  return database;
}

function lockedError(dataDir: string, holder: { pid: number; host: string }): BaltoError {
  const where = holder.host === hostname() ? 'nesta máquina' : `na máquina ${holder.host}`;
  return new BaltoError({
    code: 'BALTO_STORE_LOCKED',
    message: `A pasta de dados ${dataDir} já está em uso pelo processo ${holder.pid} ${where}.`,
    statusCode: 409,
  });
}

/** One database, embedded or real: nothing above this class knows which. Emits `state` with the new state. */
export class Database extends EventEmitter<{ state: [DatabaseState] }> {
  readonly kind: 'embedded' | 'postgres';
  /** Without a tenant and without the guards of `system`: for libraries that bring their own transactions. */
  readonly kysely: Kysely<Tables>;
  readonly #pool: pg.Pool;
  readonly #end: () => Promise<void>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #url: string | undefined;
  readonly #units = new AsyncLocalStorage<ChangeUnit>();
  #state: DatabaseState = 'connecting';
  #since: Date;
  #error: string | null = null;
  #migration: string | null = null;
  #cancelRetry: () => void = () => {};
  #attempt: Promise<void> | null = null;

  constructor(
    kind: 'embedded' | 'postgres',
    pool: pg.Pool,
    end: () => Promise<void>,
    clock: Clock,
    log: Log,
    url?: string,
  ) {
    super();
    this.#url = url;
    this.kind = kind;
    this.#pool = pool;
    this.#end = end;
    this.#clock = clock;
    this.#log = log;
    this.#since = clock.date();
    this.kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    pool.on('error', (error) => this.#lost(error));
    // The pool listens to idle connections only: one that breaks between two queries of a transaction would end the process.
    pool.on('connect', (client) => client.on('error', (error) => this.#lost(error)));
  }

  /** Makes the first attempt; only what no waiting can mend is thrown, and then everything is closed again. */
  async start(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (this.kind === 'postgres' && isAway(error)) {
        this.#lost(error);
        return;
      }
      await this.close();
      throw isRefused(error) ? refusedError(error) : error;
    }
  }

  get manners(): JobManners {
    return MANNERS[this.kind];
  }

  status(): DatabaseStatus {
    return {
      kind: this.kind,
      state: this.#state,
      since: this.#since,
      error: this.#state === 'ready' ? null : this.#error,
      migration: this.#migration,
    };
  }

  /** Resolves when the database is ready; rejects when it is closed before. */
  ready(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    if (this.#state === 'closed') return Promise.reject(awayError());
    return new Promise((resolve, reject) => {
      const listen = (state: DatabaseState): void => {
        if (state !== 'ready' && state !== 'closed') return;
        this.off('state', listen);
        if (state === 'ready') resolve();
        else reject(awayError());
      };
      this.on('state', listen);
    });
  }

  /**
   * One transaction over every client: for the server's own work. Not to be opened inside another (the embedded
   * database has one connection).
   * @throws BaltoError `BALTO_STORE_AWAY` (503) when the database does not answer.
   */
  system<T>(work: Work<T>): Promise<T> {
    const unit = this.#units.getStore();
    return this.#guard(() => (unit && !unit.isClosed ? unit.run(work) : this.kysely.transaction().execute(work)));
  }

  /** A request whose last change is to be committed with its answer; `mark` is written beside every other one. */
  changeUnit(mark: Work<void>): ChangeUnit {
    return new ChangeUnit(this.kysely, this.#clock, mark);
  }

  /** What `next` starts belongs to this unit. */
  within(unit: ChangeUnit, next: () => void): void {
    this.#units.run(unit, next);
  }

  /** @throws BaltoError `BALTO_STORE_AWAY` (503) when the change is undone because the database does not answer. */
  finish(unit: ChangeUnit, words: Work<void>): Promise<boolean> {
    return this.#guard(() => unit.finish(words));
  }

  /** Runs what tells of a change once that is committed: at once where it is, and then it is waited for. */
  async afterCommit(run: () => unknown): Promise<void> {
    const unit = this.#units.getStore();
    if (unit?.isHeld) unit.afterCommit(run);
    else await run();
  }

  /** One transaction that sees and writes the rows of one client only, whatever its queries say. Same limits as `system`. */
  tenant<T>(clientId: string, work: Work<T>): Promise<T> {
    return this.system(async (trx) => {
      await sql`select set_config('role', 'balto_app', true), set_config('balto.cliente', ${clientId}, true)`.execute(
        trx,
      );
      return await work(trx);
    });
  }

  /**
   * Calls back with what other processes announce on `channel`, over a connection of its own. Null on the embedded
   * database: there is no other process.
   */
  listen(channel: string, onMessage: (payload: string) => void): Notifications | null {
    if (this.#url === undefined) return null;
    const options = { url: this.#url, channel, onMessage, clock: this.#clock, log: this.#log };
    const notifications = new Notifications(options);
    notifications.start();
    return notifications;
  }

  /** Ends running queries and lets go of the folder. Idempotent. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#enter('closed');
    this.#cancelRetry();
    await this.#attempt?.catch(() => {});
    await this.#end();
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'ready') throw awayError();
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      this.#lost(error);
      throw awayError(error);
    }
  }

  async #connect(): Promise<void> {
    if (this.#migration === null) this.#migration = (await migrate(this.kysely)).at(-1) ?? '';
    else await this.#pool.query('select 1');
    if (this.#state !== 'closed') this.#enter('ready');
  }

  #lost(error: unknown): void {
    this.#error = codeOf(error);
    if (this.#state === 'ready') this.#enter('away');
    if (this.#state !== 'closed' && !this.#attempt) this.#retry(0, BACKOFF_MS.first);
  }

  #retry(waitMs: number, nextMs: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#clock.after(waitMs, () => {
      this.#attempt = this.#connect().then(
        () => {
          this.#attempt = null;
        },
        (error: unknown) => {
          this.#attempt = null;
          this.#error = codeOf(error);
          if (!isAway(error)) this.#log.error({ code: this.#error }, 'database answers, but cannot be used');
          if (this.#state !== 'closed') this.#retry(nextMs, Math.min(nextMs * 2, BACKOFF_MS.most));
        },
      );
    });
  }

  #enter(state: DatabaseState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#clock.date();
    this.#log.info(
      { database: this.kind, state, error: state === 'ready' ? undefined : this.#error },
      'database state',
    );
    this.emit('state', state);
  }
}

function codeOf(error: unknown): string {
  const fallback = isAway(error) ? 'CONNECTION_LOST' : 'UNKNOWN';
  return String((error as { code?: unknown }).code ?? fallback).slice(0, 40);
}
