import type { ReplayPeriod } from '../store/replay.ts';

const FIRST_MS = 6 * 3_600_000;
const LEAST_MS = 60_000;
/** What one query may take; with one connection for everybody, others wait that long. */
const AIM_MS = { least: 15, most: 40 };
/** With fewer rows than this it is not their number that took the time: the machine is busy. */
const FEW_ROWS = 5000;

/** A period in pieces that each take a query about 15 to 40 ms, however much was said in it. */
export class Slices {
  readonly #period: ReplayPeriod;
  #sizeMs = FIRST_MS;
  #atMs: number;

  constructor(period: ReplayPeriod) {
    this.#period = period;
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
    if (ms < AIM_MS.least) this.#sizeMs *= ms < AIM_MS.least / 5 ? 8 : 2;
    else if (ms <= AIM_MS.most) return;
    else if (rows >= FEW_ROWS) this.#sizeMs = Math.max(LEAST_MS, this.#sizeMs / Math.ceil(ms / AIM_MS.most));
    else this.#sizeMs *= 2;
  }
}
