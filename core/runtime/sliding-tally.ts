/** Counts of the last `spanMs`, kept in slots: no list that grows with traffic. Exact to one slot. */
export class SlidingTally {
  readonly #slotMs: number;
  readonly #total: number[];
  readonly #marked: number[];
  #newest = 0;
  #sums = { total: 0, marked: 0 };

  /** `slots` parts of `spanMs` milliseconds; the oldest is forgotten whole. */
  constructor(spanMs: number, slots: number) {
    this.#slotMs = spanMs / slots;
    this.#total = new Array<number>(slots).fill(0);
    this.#marked = new Array<number>(slots).fill(0);
  }

  /** Counts `total` more, `marked` of which are of the kind that is watched. `nowMs` is monotonic. */
  add(nowMs: number, total: number, marked: number): void {
    const at = this.#forget(nowMs);
    this.#total[at] = (this.#total[at] ?? 0) + total;
    this.#marked[at] = (this.#marked[at] ?? 0) + marked;
    this.#sums.total += total;
    this.#sums.marked += marked;
  }

  sums(nowMs: number): { total: number; marked: number } {
    this.#forget(nowMs);
    return { ...this.#sums };
  }

  clear(): void {
    this.#total.fill(0);
    this.#marked.fill(0);
    this.#sums = { total: 0, marked: 0 };
  }

  /** Empties the slots that are older than the span; the index of the one that is now. */
  #forget(nowMs: number): number {
    const slots = this.#total.length;
    const now = Math.floor(nowMs / this.#slotMs);
    const from = Math.max(this.#newest + 1, now - slots + 1);
    for (let slot = from; slot <= now; slot++) {
      const at = slot % slots;
      this.#sums.total -= this.#total[at] ?? 0;
      this.#sums.marked -= this.#marked[at] ?? 0;
      this.#total[at] = this.#marked[at] = 0;
    }
    this.#newest = Math.max(this.#newest, now);
    return this.#newest % slots;
  }
}
