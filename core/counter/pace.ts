import type { Clock } from '../contracts/index.ts';

/**
 * Decoding takes at most 4 × real time per counter with a 30 s burst (architecture.md §3.1). Above it the socket is
 * paused, TCP does the rest, and nothing is dropped: one client that sends a whole day at once costs the others nothing.
 */
export class DecodePace {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burstMs: number;
  #levelMs: number;
  #at: number;

  constructor(clock: Clock, options: { rate?: number; burstMs?: number } = {}) {
    this.#clock = clock;
    this.#rate = options.rate ?? 4;
    this.#burstMs = options.burstMs ?? 30_000;
    this.#levelMs = this.#burstMs;
    this.#at = clock.now();
  }

  /** Counts decoded audio; the answer is how long to stop reading, in milliseconds, 0 for not at all. */
  spend(audioMs: number): number {
    const now = this.#clock.now();
    this.#levelMs = Math.min(this.#burstMs, this.#levelMs + (now - this.#at) * this.#rate) - audioMs;
    this.#at = now;
    return this.#levelMs >= 0 ? 0 : -this.#levelMs / this.#rate;
  }
}
