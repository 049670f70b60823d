/** Samples in a hashed window: 10 ms at 16 kHz. */
export const WINDOW = 160;

const BASE = 0x01000193;
const LEAVING = power(BASE, WINDOW - 1);

/**
 * Finds where audio lies in a reference, exactly and at any alignment: the reference is hashed in windows of 160 samples,
 * one after another; whoever searches rolls a hash of the same width over every sample of his audio (Rabin–Karp).
 * So 319 samples in a row always hold one whole window. Windows that do not move (digital silence) are not indexed.
 */
export class WindowIndex {
  readonly reference: Int16Array;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #hashes: Int32Array;
  readonly #mask: number;

  constructor(reference: Int16Array) {
    this.reference = reference;
    const windows = Math.floor(reference.length / WINDOW);
    let slots = 1024;
    while (slots < windows * 8) slots *= 2;
    this.#mask = slots - 1;
    this.#heads = new Int32Array(slots).fill(-1);
    this.#next = new Int32Array(windows);
    this.#hashes = new Int32Array(windows);
    for (let window = windows - 1; window >= 0; window--) {
      const start = window * WINDOW;
      if (isFlat(reference, start)) continue;
      const hash = hashOf(reference, start);
      this.#hashes[window] = hash;
      const slot = slotOf(hash) & this.#mask;
      this.#next[window] = this.#heads[slot]!;
      this.#heads[slot] = window;
    }
  }

  /**
   * Every place of the reference that equals the window of `audio` at `at`, whose hash is `hash`; calls `found` with the
   * first sample in the reference, ascending.
   */
  lookUp(hash: number, audio: Int16Array, at: number, found: (referenceSample: number) => void): void {
    for (let window = this.#heads[slotOf(hash) & this.#mask]!; window >= 0; window = this.#next[window]!) {
      if (this.#hashes[window] !== hash) continue;
      const start = window * WINDOW;
      if (equalRun(audio, at, this.reference, start, WINDOW) === WINDOW) found(start);
    }
  }
}

/** Hash of the window that starts at `at`. */
export function hashOf(audio: Int16Array, at: number): number {
  let hash = 0;
  for (let index = at; index < at + WINDOW; index++) hash = (Math.imul(hash, BASE) + audio[index]!) | 0;
  return hash;
}

/** Hash of the window one sample later, from that of the window at `at`. */
export function rollOn(hash: number, audio: Int16Array, at: number): number {
  return (Math.imul(hash - Math.imul(audio[at]!, LEAVING), BASE) + audio[at + WINDOW]!) | 0;
}

/** How many samples from the two places on are equal, at most `limit`. */
export function equalRun(a: Int16Array, atA: number, b: Int16Array, atB: number, limit: number): number {
  const most = Math.min(limit, a.length - atA, b.length - atB);
  let run = 0;
  while (run < most && a[atA + run] === b[atB + run]) run++;
  return run;
}

/** The same, backwards: samples before the two places. */
export function equalRunBefore(a: Int16Array, atA: number, b: Int16Array, atB: number, limit: number): number {
  const most = Math.min(limit, atA, atB);
  let run = 0;
  while (run < most && a[atA - run - 1] === b[atB - run - 1]) run++;
  return run;
}

function isFlat(audio: Int16Array, at: number): boolean {
  for (let index = at + 1; index < at + WINDOW; index++) if (audio[index] !== audio[at]) return false;
  return true;
}

function slotOf(hash: number): number {
  return hash ^ (hash >>> 15);
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let count = 0; count < exponent; count++) result = Math.imul(result, base);
  return result;
}
