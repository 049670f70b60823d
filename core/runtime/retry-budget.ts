import type { Clock } from '../contracts/index.ts';
import { SlidingTally } from './sliding-tally.ts';

const SPAN_MS = 60_000;
const SLOTS = 60;
/** Retries allowed within the span: a share of the attempts, and where there are few attempts some all the same. */
const SHARE = 0.1;
const LEAST = 5;

/**
 * How often a vendor may be asked again at once after a failure: 10 % of its attempts in 60 s, at least 5. A vendor that is
 * down would otherwise get twice the requests it cannot answer. By time, not by session: nobody speaking costs nothing.
 */
export class RetryBudget {
  readonly #clock: Clock;
  /** By vendor id; there are as many as are registered. */
  readonly #vendors = new Map<string, SlidingTally>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A first attempt. */
  attempted(vendor: string): void {
    this.#of(vendor).add(this.#clock.now(), 1, 0);
  }

  /** Takes one retry; false when none is left. */
  take(vendor: string): boolean {
    const tally = this.#of(vendor);
    const now = this.#clock.now();
    const { total, marked } = tally.sums(now);
    if (marked >= Math.max(LEAST, SHARE * total)) return false;
    tally.add(now, 0, 1);
    return true;
  }

  #of(vendor: string): SlidingTally {
    const known = this.#vendors.get(vendor) ?? new SlidingTally(SPAN_MS, SLOTS);
    this.#vendors.set(vendor, known);
    return known;
  }
}
