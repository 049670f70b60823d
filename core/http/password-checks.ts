import type { Clock } from '../contracts/index.ts';
import type { LoginGuard } from '../store/login-guard.ts';
import { addressKey } from './failure-window.ts';
import { refuse } from './problem.ts';

/** Each check takes 32 MB and 80 ms of another thread. */
const CHECKS_AT_ONCE = 2;
const MOST_WAITING = 50;

/** Runs a few at once, keeps a few waiting, and turns the rest away. */
class Lane {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= CHECKS_AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING) throw tooMany();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#taken += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken -= 1;
    }
  }
}

/**
 * The one way to have a password checked: slowed down by the guard, and in a lane of its own where the account was opened
 * from the same place before, so that no flood from elsewhere keeps its owner waiting.
 */
export class PasswordChecks {
  readonly #guard: Pick<LoginGuard, 'begin'>;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #known = new Lane();
  readonly #unknown = new Lane();
  #slowed = 0;

  constructor(guard: Pick<LoginGuard, 'begin'>, clock: Pick<Clock, 'after'>) {
    this.#guard = guard;
    this.#clock = clock;
  }

  /**
   * @param account what was typed. @param check null or false: the password is not right.
   * @throws 429 BALTO_ADMIN_TOO_MANY
   */
  async run<T>(account: string, ip: string, check: () => Promise<T>): Promise<T> {
    const attempt = await this.#guard.begin(account, addressKey(ip));
    if (!attempt) throw tooMany();
    if (attempt.waitMs > 0) await this.#slowDown(attempt.waitMs);
    const result = await (attempt.isKnown ? this.#known : this.#unknown).run(check);
    if (result) await attempt.succeeded();
    return result;
  }

  async #slowDown(ms: number): Promise<void> {
    if (this.#slowed >= MOST_WAITING) throw tooMany();
    this.#slowed += 1;
    await new Promise<void>((resolve) => this.#clock.after(ms, resolve));
    this.#slowed -= 1;
  }
}

function tooMany() {
  return refuse(429, 'BALTO_ADMIN_TOO_MANY', 'Tentativas demais; tente de novo mais tarde.');
}
