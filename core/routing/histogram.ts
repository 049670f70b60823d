const FIRST_MS = 1;
const RATIO = 1.01;
const LAST_MS = 600_000;
const BINS = Math.ceil(Math.log(LAST_MS / FIRST_MS) / Math.log(RATIO)) + 1;

/** A quantile, with its 95 % interval where it comes from a sample. Milliseconds. */
export interface Quantile {
  value: number;
  interval: [number, number] | null;
}

/** Weighted milliseconds in bins 1 % wide, from 1 ms to 10 minutes: as exact as its purpose, whatever it is given. */
export class Histogram {
  readonly #bins = new Float64Array(BINS);
  /** Values added, and the sum of their weights. */
  count = 0;
  weight = 0;

  add(ms: number, weight: number): void {
    const clamped = Math.min(Math.max(ms, FIRST_MS), LAST_MS);
    const bin = Math.min(BINS - 1, Math.floor(Math.log(clamped / FIRST_MS) / Math.log(RATIO)));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + weight;
    this.count += 1;
    this.weight += weight;
  }

  /** Adds another one as if its values weighed `weight` in all. */
  mix(other: Histogram, weight: number): void {
    if (other.weight <= 0 || weight <= 0) return;
    for (let bin = 0; bin < BINS; bin++) {
      this.#bins[bin] = (this.#bins[bin] ?? 0) + ((other.#bins[bin] ?? 0) * weight) / other.weight;
    }
    this.count += other.count;
    this.weight += weight;
  }

  /**
   * Null: nothing was added.
   * @param share 0 to 1: 0.5 is the median.
   * @param isSample gives the interval between the ranks that the true quantile lies between 95 times in 100.
   */
  quantile(share: number, isSample: boolean): Quantile | null {
    if (this.count === 0) return null;
    const spread = 1.96 * Math.sqrt((share * (1 - share)) / this.count);
    const interval: [number, number] = [this.#at(share - spread), this.#at(share + spread)];
    return { value: this.#at(share), interval: isSample ? interval : null };
  }

  #at(share: number): number {
    const wanted = Math.min(Math.max(share, 0), 1) * this.weight;
    let sum = 0;
    for (let bin = 0; bin < BINS; bin++) {
      sum += this.#bins[bin] ?? 0;
      if (sum >= wanted && sum > 0) return Math.round(FIRST_MS * RATIO ** (bin + 0.5));
    }
    return LAST_MS;
  }
}
