import type { Clock } from '../contracts/index.ts';

/** Tokens have 256 bits: the limit spares the database, not the tokens. */
const MOST_WRONG = 10;
const WINDOW_MS = 60_000;
/** Counters remembered; the oldest is forgotten first. */
const MOST_COUNTERS = 10_000;

/** Wrong tokens of one counter within a minute: past the bound none is looked up. */
export class GuessLimit {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #wrong = new Map<string, { count: number; sinceMs: number }>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  allows(counterId: string): boolean {
    const wrong = this.#wrong.get(counterId);
    return !wrong || this.#clock.now() - wrong.sinceMs >= WINDOW_MS || wrong.count < MOST_WRONG;
  }

  failed(counterId: string): void {
    const now = this.#clock.now();
    const wrong = this.#wrong.get(counterId);
    if (wrong && now - wrong.sinceMs < WINDOW_MS) wrong.count += 1;
    else this.#wrong.set(counterId, { count: 1, sinceMs: now });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MOST_COUNTERS && oldest !== undefined) this.#wrong.delete(oldest);
  }
}
