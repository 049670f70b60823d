import type { JobManners } from '../store/job-manners.ts';
import type { ReplayPeriod } from '../store/replay.ts';

const FIRST_MS = 6 * 3_600_000;
const LEAST_MS = 60_000;
/** With fewer rows than this it is not their number that took the time: the machine is busy. */
const FEW_ROWS = 5000;
/** Of one portion. */
const LEAST_ROWS = 500;
const MOST_ROWS = 4000;

/** A period in pieces that each take a query as long as manners allow, however much was said in it. */
export class Slices {
  readonly #period: ReplayPeriod;
  readonly #manners: JobManners;
  #sizeMs = FIRST_MS;
  #atMs: number;

  constructor(period: ReplayPeriod, manners: JobManners) {
    this.#period = period;
    this.#manners = manners;
    this.#atMs = period.from.getTime();
  }

  /** The next piece; null: that was all. */
  next(): ReplayPeriod | null {
    const endMs = this.#period.to.getTime();
    if (this.#atMs >= endMs) return null;
    const toMs = Math.min(this.#atMs + this.#sizeMs, endMs);
    const slice = { ...this.#period, from: new Date(this.#atMs), to: new Date(toMs) };
    this.#atMs = toMs;
    return slice;
  }

  /** How long the last one took, and how many rows it had. */
  took(ms: number, rows: number): void {
    const { leastMs, mostMs } = this.#manners;
    if (ms < leastMs) this.#sizeMs *= ms < leastMs / 5 ? 8 : 2;
    else if (ms <= mostMs) return;
    else if (rows >= FEW_ROWS) this.#sizeMs = Math.max(LEAST_MS, this.#sizeMs / Math.ceil(ms / mostMs));
    else this.#sizeMs *= 2;
  }
}

/** How many rows are asked for at once, by how long that took: none waits long, and few questions are asked. */
export class Portions {
  readonly #manners: JobManners;
  #size = LEAST_ROWS;

  constructor(manners: JobManners) {
    this.#manners = manners;
  }

  /** The next portion. */
  get size(): number {
    return this.#size;
  }

  /** How long the last one took. */
  took(ms: number): void {
    if (ms < this.#manners.leastMs) this.#size = Math.min(MOST_ROWS, this.#size * 2);
    else if (ms > this.#manners.mostMs) this.#size = Math.max(LEAST_ROWS, this.#size / 2);
  }
}
