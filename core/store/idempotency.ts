import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { ChangeUnit } from './change-unit.ts';
import type { Database } from './database.ts';
import type { StoredAnswer } from './idempotency-table.ts';
import type { SealedColumn } from './key-rotation.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** An answer is said again for a day. */
const KEPT_MS = 86_400_000;
/** A request that did not end by then died with its process: twice what the server gives one. */
const ABANDONED_MS = 60_000;
/** In place of an answer's status: the request has changed something, and is not answered yet. */
const CHANGED = 0;
/** Rows let go of in one go, where a new one is written. */
const SWEPT = 100;

/** What is to be done with a request that carries a key. */
export type Begun =
  | { state: 'new'; use: IdempotentUse }
  | { state: 'done'; answer: StoredAnswer }
  /** The same request is under way, here or in another process. */
  | { state: 'running' }
  /** It changed something, and its answer is lost: its process died between two changes. */
  | { state: 'lost' }
  /** The key was used for another request. */
  | { state: 'other' };

/** One use of a key: whose it is, and what for. */
export interface IdempotentRequest {
  /** `kind:id` of who asks: keys of two never meet. */
  principal: string;
  key: string;
  /** Method, path and body in one text; only its keyed fingerprint is kept. */
  request: string;
}

/**
 * Answers of writes that carried an `Idempotency-Key`, so that a repeated request changes nothing twice. Answers are
 * kept sealed; what is shown only once is not kept at all.
 */
export class IdempotencyKeys {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #clock: Clock;

  constructor(db: Database, secrets: Secrets, clock: Clock) {
    this.#db = db;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** Takes the key, or says what became of it. Of two at once, in any two processes, one takes it. */
  async begin({ principal, key, request }: IdempotentRequest): Promise<Begun> {
    const hash = this.#secrets.fingerprint('idempotency', request);
    const now = this.#clock.date();
    const begun = await this.#db.system(async (trx): Promise<Exclude<Begun, { state: 'new' }> | { state: 'new' }> => {
      await this.#forget(trx, principal, key);
      const taken = await trx
        .insertInto('idempotency_keys')
        .values({ principal, key, request_hash: hash, status: null, answer: null, at: now })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (taken) return { state: 'new' } as const;
      const row = await trx
        .selectFrom('idempotency_keys')
        .select(['request_hash', 'status', 'answer', 'at'])
        .where('principal', '=', principal)
        .where('key', '=', key)
        .executeTakeFirst();
      // Gone in between: whoever had it failed, and the caller asks again.
      if (!row) return { state: 'running' };
      if (!this.#secrets.fingerprints('idempotency', request).includes(row.request_hash)) return { state: 'other' };
      if (row.status === null) return { state: 'running' };
      if (row.status === CHANGED) return { state: isUnderWay(row.at, now) ? 'running' : 'lost' };
      return { state: 'done', answer: this.#open(principal, key, row.status, row.answer) };
    });
    return begun.state === 'new'
      ? { ...begun, use: new IdempotentUse(this.#db, this.#secrets, { principal, key }) }
      : begun;
  }

  /** Lets go of this key if its time is over, and of some others. */
  async #forget(trx: Transaction<Tables>, principal: string, key: string): Promise<void> {
    const now = this.#clock.date().getTime();
    const over = sql<boolean>`at < ${new Date(now - KEPT_MS)} or (status is null and at < ${new Date(now - ABANDONED_MS)})`;
    await sql`
      delete from idempotency_keys where principal = ${principal} and key = ${key} and (${over})`.execute(trx);
    await sql`
      delete from idempotency_keys where (principal, key) in (
        select principal, key from idempotency_keys where ${over} limit ${SWEPT} for update skip locked)`.execute(trx);
  }

  #open(principal: string, key: string, status: number, sealed: string | null): StoredAnswer {
    if (sealed === null) return { status, body: null, headers: {} };
    const { body, headers } = JSON.parse(this.#secrets.open(sealed, identityOf(principal, key))) as StoredAnswer;
    return { status, body, headers };
  }
}

/** One request that took a key, until it is answered. */
export class IdempotentUse {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #whose: { principal: string; key: string };
  readonly #unit: ChangeUnit;

  constructor(db: Database, secrets: Secrets, whose: { principal: string; key: string }) {
    this.#db = db;
    this.#secrets = secrets;
    this.#whose = whose;
    this.#unit = db.changeUnit((trx) => this.#set(trx, { status: CHANGED }));
  }

  /** What `next` starts is done for this request. */
  within(next: () => void): void {
    this.#db.within(this.#unit, next);
  }

  /**
   * Commits the request's last change together with its answer. False: no change is open, and the answer is not kept yet.
   * @throws BaltoError `BALTO_STORE_AWAY`, or the database's error: the change is undone
   */
  commit(answer: StoredAnswer): Promise<boolean> {
    return this.#db.finish(this.#unit, (trx) => this.#set(trx, this.#sealed(answer)));
  }

  /** Keeps the answer of a request that changed nothing here, or whose changes are committed. */
  async keep(answer: StoredAnswer): Promise<void> {
    await this.#db.system((trx) => this.#set(trx, this.#sealed(answer)));
  }

  /** It was refused: what it changed all the same stays, and the key may be used again. */
  async release(): Promise<void> {
    if (await this.#db.finish(this.#unit, (trx) => this.#forget(trx))) return;
    await this.#db.system((trx) => this.#forget(trx));
  }

  /** It is undone: nothing was changed that was not marked. */
  async undone(): Promise<void> {
    await this.#db.system((trx) => this.#forget(trx, true));
  }

  #sealed({ status, body, headers }: StoredAnswer): { status: number; answer: string | null } {
    const { principal, key } = this.#whose;
    if (body === null) return { status, answer: null };
    return { status, answer: this.#secrets.seal(JSON.stringify({ body, headers }), identityOf(principal, key)) };
  }

  async #set(trx: Transaction<Tables>, values: { status: number; answer?: string | null }): Promise<void> {
    const { principal, key } = this.#whose;
    const row = trx.updateTable('idempotency_keys').set(values);
    await row.where('principal', '=', principal).where('key', '=', key).execute();
  }

  /** Unless it was answered. */
  async #forget(trx: Transaction<Tables>, keepsChanged = false): Promise<void> {
    const { principal, key } = this.#whose;
    await trx
      .deleteFrom('idempotency_keys')
      .where('principal', '=', principal)
      .where('key', '=', key)
      .where((where) =>
        where.or([where('status', 'is', null), ...(keepsChanged ? [] : [where('status', '=', CHANGED)])]),
      )
      .execute();
  }
}

/** Where the answers stand, for a rotation of the keys. */
export const SEALED_ANSWERS: SealedColumn = {
  table: 'idempotency_keys',
  key: ['principal', 'key'],
  column: 'answer',
  identity: ({ principal, key }) => identityOf(principal ?? '', key ?? ''),
};

/** Younger than a request that died with its process. */
function isUnderWay(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() < ABANDONED_MS;
}

function identityOf(principal: string, key: string): string {
  return `idempotency_keys:${principal}:${key}`;
}
