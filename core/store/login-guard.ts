import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Database } from './database.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

const WINDOW_MS = 600_000;
/** Wrong passwords of one account from one place, and of one place in all, in ten minutes: above that, none is checked. */
const MOST_OF_PAIR = 10;
const MOST_OF_PLACE = 10;
/** Wrong passwords in ten minutes from which on a place that is not known waits: per account, and in all. */
const FREE_OF_ACCOUNT = 20;
const FREE_IN_ALL = 200;
const SLOWER_MS = 50;
const SLOWEST_MS = 5000;
/** A place is known for this long after the right password came from it. */
const KNOWN_MS = 90 * 86_400_000;
const MOST_PLACES = 20;

/** A password that may be checked. It counts as wrong until it is said to be right. */
export interface LoginAttempt {
  /** This account was opened from this place before: no flood from elsewhere may hold it up. */
  isKnown: boolean;
  /** Before the check; the same for accounts that do not exist. */
  waitMs: number;
  /** The password was right: the attempt is forgiven, and the place known. */
  succeeded(): Promise<void>;
}

/**
 * Slows down guesses of passwords, alike in all processes. Refused is only who failed too often at one place: whoever
 * guesses elsewhere cannot lock an account, only make places wait from which it was never opened (decision 0152).
 */
export class LoginGuard {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #clock: Pick<Clock, 'date'>;

  constructor(db: Database, secrets: Secrets, clock: Pick<Clock, 'date'>) {
    this.#db = db;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /**
   * `account`: what was typed, whether or not there is such an account; `place`: the address that counts as one. Neither
   * is stored readable. Null: too many failures there; nothing was counted.
   */
  async begin(account: string, place: string): Promise<LoginAttempt | null> {
    const pair = {
      account: this.#secrets.fingerprint('login account', account.normalize('NFKC').trim().toLowerCase()),
      place: this.#secrets.fingerprint('login place', place),
    };
    const now = this.#clock.date();
    return await this.#db.system(async (trx) => {
      // One after the other per place: a thousand guesses sent at once pass no more than as many sent in turn.
      await sql`select pg_advisory_xact_lock(hashtextextended(${pair.place}, 0))`.execute(trx);
      await trx.deleteFrom('login_attempts').where('at', '<', before(now, WINDOW_MS)).execute();
      const isKnown = await isKnownPlace(trx, pair, now);
      const counts = await countsOf(trx, pair);
      if (counts.pair >= MOST_OF_PAIR || (!isKnown && counts.place >= MOST_OF_PLACE)) return null;
      const { id } = await trx
        .insertInto('login_attempts')
        .values({ ...pair, at: now })
        .returning('id')
        .executeTakeFirstOrThrow();
      const waitMs = isKnown ? 0 : Math.max(waitOf(counts.account, FREE_OF_ACCOUNT), waitOf(counts.all, FREE_IN_ALL));
      return { isKnown, waitMs, succeeded: () => this.#succeeded(id, pair) };
    });
  }

  async #succeeded(id: number, pair: Pair): Promise<void> {
    const now = this.#clock.date();
    await this.#db.system(async (trx) => {
      await trx.deleteFrom('login_attempts').where('id', '=', id).execute();
      await trx
        .insertInto('login_places')
        .values({ ...pair, seen_at: now })
        .onConflict((conflict) => conflict.columns(['account', 'place']).doUpdateSet({ seen_at: now }))
        .execute();
      const kept = trx
        .selectFrom('login_places')
        .select('place')
        .where('account', '=', pair.account)
        .orderBy('seen_at', 'desc')
        .limit(MOST_PLACES);
      await trx.deleteFrom('login_places').where('account', '=', pair.account).where('place', 'not in', kept).execute();
    });
  }
}

interface Pair {
  account: string;
  place: string;
}

function before(now: Date, ms: number): Date {
  return new Date(now.getTime() - ms);
}

function waitOf(failures: number, free: number): number {
  return Math.min(Math.max(failures - free, 0) * SLOWER_MS, SLOWEST_MS);
}

async function isKnownPlace(trx: Transaction<Tables>, { account, place }: Pair, now: Date): Promise<boolean> {
  const row = await trx
    .selectFrom('login_places')
    .select('place')
    .where('account', '=', account)
    .where('place', '=', place)
    .where('seen_at', '>', before(now, KNOWN_MS))
    .executeTakeFirst();
  return row !== undefined;
}

/** Of the last ten minutes: what is older was just deleted. */
async function countsOf(
  trx: Transaction<Tables>,
  { account, place }: Pair,
): Promise<{ pair: number; place: number; account: number; all: number }> {
  return await trx
    .selectFrom('login_attempts')
    .select(({ fn, and, eb }) => [
      fn.countAll<number>().as('all'),
      fn.countAll<number>().filterWhere('place', '=', place).as('place'),
      fn.countAll<number>().filterWhere('account', '=', account).as('account'),
      fn
        .countAll<number>()
        .filterWhere(and([eb('account', '=', account), eb('place', '=', place)]))
        .as('pair'),
    ])
    .executeTakeFirstOrThrow();
}
