import { type Kysely, sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Tables } from './tables.ts';

type Work<T> = (trx: Transaction<Tables>) => Promise<T>;

/** So long a change waits for what is to be kept beside it: it holds rows, and the embedded database's one connection. */
const HELD_MS = 200;

interface Held {
  /** Writes the last words and commits. Rejects when the change is undone. */
  end(words: Work<void>): Promise<void>;
}

/**
 * What one request changes. A transaction that wrote something stays open after its work is done, until {@link finish}
 * writes the request's answer into it: both are there, or neither. One that is followed by another, or waits too long, is
 * committed with a mark instead, which says that something was changed.
 */
export class ChangeUnit {
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;
  readonly #mark: Work<void>;
  #held: Held | null = null;
  #afterwards: (() => unknown)[] = [];
  #cancel = (): void => {};
  #failure: { error: unknown } | null = null;
  #isClosed = false;

  constructor(db: Kysely<Tables>, clock: Clock, mark: Work<void>) {
    this.#db = db;
    this.#clock = clock;
    this.#mark = mark;
  }

  /** Its answer is written: what the request left running works for itself. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** One transaction of the request. */
  async run<T>(work: Work<T>): Promise<T> {
    await this.#settle();
    return await new Promise<T>((resolve, reject) => {
      const ended = this.#db.transaction().execute(async (trx) => {
        const result = await work(trx);
        if (this.#isClosed || !(await hasWritten(trx))) return () => resolve(result);
        // One that ran beside this one and was held first.
        await this.#settle();
        const words = Promise.withResolvers<Work<void>>();
        this.#hold(async (last) => {
          words.resolve(last);
          await ended;
        });
        resolve(result);
        const last = await words.promise;
        await sql`select set_config('role', 'none', true), set_config('balto.cliente', '', true)`.execute(trx);
        await last(trx);
        return () => {};
      });
      ended.then((tell) => tell(), reject);
    });
  }

  /** A change is open. */
  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** Runs once the open change is committed; not at all when it is undone. */
  afterCommit(run: () => unknown): void {
    this.#afterwards.push(run);
  }

  /**
   * The request is over: commits its last change together with `words`. False: there was none open, and nothing is
   * written. Rejects when the change is undone.
   */
  async finish(words: Work<void>): Promise<boolean> {
    this.#isClosed = true;
    if (this.#failure) throw this.#failure.error;
    if (!this.#held) return false;
    await this.#end(words);
    return true;
  }

  async #settle(): Promise<void> {
    if (this.#held) await this.#end(this.#mark);
  }

  async #end(words: Work<void>): Promise<void> {
    const held = this.#held;
    const afterwards = this.#afterwards;
    this.#held = null;
    this.#afterwards = [];
    this.#cancel();
    await held?.end(words);
    for (const run of afterwards) await run();
  }

  #hold(end: Held['end']): void {
    this.#held = { end };
    this.#cancel = this.#clock.after(HELD_MS, () => {
      this.#settle().catch((error: unknown) => {
        this.#failure = { error };
      });
    });
  }
}

/** Whether this transaction changed or locked a row. */
async function hasWritten(trx: Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql<{ wrote: boolean }>`
    select pg_current_xact_id_if_assigned() is not null as wrote`.execute(trx);
  return rows[0]?.wrote === true;
}
