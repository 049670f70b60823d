import { sql } from 'kysely';
import { BaltoError, type Clock, type Log } from '../contracts/index.ts';
import type { Database } from './database.ts';

/** Ids taken from the sequence at a time. */
const BLOCK = 1000;
/** Blocks kept in hand at most: what a full journal can hold while the database is away. */
const MOST_BLOCKS = 10;
const RETRY_MS = 1000;

/**
 * Ids of `interacoes`, taken from the table's own sequence in blocks, so that a card has its number before anything is
 * written. At least one whole block is kept ahead; a busy process keeps as many as it has used, up to ten. Numbers left
 * over at the end of a process are never used: order interactions by time.
 */
export class InteractionIds {
  readonly #db: Database;
  readonly #log: Log;
  readonly #clock: Clock;
  #ids: number[] = [];
  #used = 0;
  #refill: Promise<void> | null = null;
  #closed = false;
  #wakeUp: () => void = () => {};

  constructor(db: Database, log: Log, clock: Clock) {
    this.#db = db;
    this.#log = log;
    this.#clock = clock;
  }

  /** @throws BaltoError `BALTO_STORE_NO_IDS` (503): the database has been away for longer than the ids in hand last. */
  nextId(): number {
    const id = this.#ids.pop();
    if (id === undefined) {
      this.#fill();
      throw new BaltoError({
        code: 'BALTO_STORE_NO_IDS',
        message: 'O banco de dados está fora do ar há tempo demais para registrar novas falas.',
        statusCode: 503,
      });
    }
    this.#used += 1;
    if (this.#ids.length < this.#wanted()) this.#fill();
    return id;
  }

  /** Resolves once there is a block in hand. */
  async ready(): Promise<void> {
    while (this.#ids.length === 0) {
      await this.#db.ready();
      await this.#fill();
    }
  }

  /** Lets go of the ids in hand and takes others: the sequence was set anew under them, by a restore. */
  async renew(): Promise<void> {
    await this.#refill;
    this.#ids = [];
    await this.ready();
  }

  /** Ids in hand: for the readiness report. */
  get available(): number {
    return this.#ids.length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeUp();
    await this.#refill;
  }

  #wanted(): number {
    return BLOCK * Math.min(Math.max(Math.floor(this.#used / BLOCK), 1), MOST_BLOCKS);
  }

  #fill(): Promise<void> {
    this.#refill ??= this.#takeOrWait().then(() => {
      this.#refill = null;
    });
    return this.#refill;
  }

  /** A failure takes a second: whoever loops over this does not spin. */
  async #takeOrWait(): Promise<void> {
    try {
      await this.#take();
    } catch (error) {
      this.#log.warn({ code: (error as { code?: unknown }).code }, 'no ids from the database yet');
      if (this.#closed) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(RETRY_MS, resolve);
        this.#wakeUp = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  async #take(): Promise<void> {
    do {
      const { rows } = await this.#db.system((trx) =>
        sql<{ id: number }>`select nextval('interacoes_id_seq') as id from generate_series(1, ${BLOCK}::int)`.execute(
          trx,
        ),
      );
      // Taken from the end, so the lowest stand there.
      this.#ids = [...rows.map(({ id }) => id).sort((a, b) => b - a), ...this.#ids];
    } while (this.#ids.length < this.#wanted() && !this.#closed);
  }
}
