import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Database } from './database.ts';
import type { StoredAnswer } from './idempotency-table.ts';
import type { SealedColumn } from './key-rotation.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** An answer is said again for a day. */
const KEPT_MS = 86_400_000;
/** A request that did not end by then died with its process: twice what the server gives one. */
const ABANDONED_MS = 60_000;
/** Rows let go of in one go, where a new one is written. */
const SWEPT = 100;

/** What is to be done with a request that carries a key. */
export type Begun =
  | { state: 'new' }
  | { state: 'done'; answer: StoredAnswer }
  /** The same request is under way, here or in another process. */
  | { state: 'running' }
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
  begin({ principal, key, request }: IdempotentRequest): Promise<Begun> {
    const hash = this.#secrets.fingerprint('idempotency', request);
    const now = this.#clock.date();
    return this.#db.system(async (trx) => {
      await this.#forget(trx, principal, key);
      const taken = await trx
        .insertInto('idempotency_keys')
        .values({ principal, key, request_hash: hash, status: null, answer: null, at: now })
        .onConflict((conflict) => conflict.doNothing())
        .returning('key')
        .executeTakeFirst();
      if (taken) return { state: 'new' };
      const row = await trx
        .selectFrom('idempotency_keys')
        .select(['request_hash', 'status', 'answer'])
        .where('principal', '=', principal)
        .where('key', '=', key)
        .executeTakeFirst();
      // Gone in between: whoever had it failed, and the caller asks again.
      if (!row) return { state: 'running' };
      if (!this.#secrets.fingerprints('idempotency', request).includes(row.request_hash)) return { state: 'other' };
      if (row.status === null) return { state: 'running' };
      return { state: 'done', answer: this.#open(principal, key, row.status, row.answer) };
    });
  }

  /** Keeps what was answered. */
  async finish(principal: string, key: string, answer: StoredAnswer): Promise<void> {
    const { status, body, headers } = answer;
    const sealed =
      body === null ? null : this.#secrets.seal(JSON.stringify({ body, headers }), identityOf(principal, key));
    await this.#db.system((trx) =>
      trx
        .updateTable('idempotency_keys')
        .set({ status, answer: sealed })
        .where('principal', '=', principal)
        .where('key', '=', key)
        .execute(),
    );
  }

  /** The request failed and changed nothing: the key may be used again. */
  async release(principal: string, key: string): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .deleteFrom('idempotency_keys')
        .where('principal', '=', principal)
        .where('key', '=', key)
        .where('status', 'is', null)
        .execute(),
    );
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

/** Where the answers stand, for a rotation of the keys. */
export const SEALED_ANSWERS: SealedColumn = {
  table: 'idempotency_keys',
  key: ['principal', 'key'],
  column: 'answer',
  identity: ({ principal, key }) => identityOf(principal ?? '', key ?? ''),
};

function identityOf(principal: string, key: string): string {
  return `idempotency_keys:${principal}:${key}`;
}
