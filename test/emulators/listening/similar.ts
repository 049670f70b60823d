import { type Correlator, correlation, LONGEST_QUERY } from './correlator.ts';

/** A stretch of input that lies at reference position = input position + `lag`. */
export interface Piece {
  inputStart: number;
  lag: number;
  length: number;
  /** 1 when every sample is equal, else the mean normalised cross-correlation. */
  score: number;
}

/** Correlation at which a quarter of a second counts as found, and at which a window of 50 ms still belongs to it. */
const FOUND = 0.7;
const BELONGS = 0.6;
const WINDOW = 800;
const STEP = 320;
/** Shortest query for a search over the whole reference: less is found everywhere. */
const SHORTEST_QUERY = 1600;
/** A dull stretch of up to a second between two pieces at one lag was heard too: a cleaner changes noise, not speech. */
const BRIDGE = 16_000;

/** Explains input that is in the reference but not bit by bit: re-scaled, resampled, cleaned, coded again. */
export class SimilarAligner {
  readonly #reference: Int16Array;
  readonly #correlator: () => Correlator;

  constructor(reference: Int16Array, correlator: () => Correlator) {
    this.#reference = reference;
    this.#correlator = correlator;
  }

  /**
   * Pieces of `zone`, in order, not overlapping. `start` is the zone's position in the input; the two lags are those of
   * the input before and behind it, tried before the whole reference is searched.
   */
  explain(zone: Int16Array, start: number, lastLag: number, nextLag?: number): Piece[] {
    const pieces: Piece[] = [];
    const lags = nextLag === undefined ? [lastLag] : [lastLag, nextLag];
    let at = 0;
    while (zone.length - at >= STEP) {
      const known = [...lags, ...pieces.slice(-1).map((piece) => piece.lag)];
      const lag = isSilent(zone, at) ? null : this.#lagAt(zone, start, at, known);
      if (lag === null) {
        at += isSilent(zone, at) ? STEP : LONGEST_QUERY / 2;
        continue;
      }
      const piece = this.#grow(zone, start, at, lag, (pieces.at(-1)?.inputStart ?? start) - start);
      this.#join(pieces, piece, zone, start);
      at = Math.max(at + STEP, piece.inputStart - start + piece.length);
    }
    return pieces;
  }

  #lagAt(zone: Int16Array, start: number, at: number, known: number[]): number | null {
    const length = Math.min(LONGEST_QUERY, zone.length - at);
    for (const lag of known) {
      for (const tried of [length, Math.min(length, SHORTEST_QUERY)]) {
        if (correlation(zone, at, this.#reference, start + at + lag, tried) >= FOUND) return lag;
      }
    }
    if (length < SHORTEST_QUERY) return null;
    const found = this.#correlator().find(zone.subarray(at, at + length));
    return found && found.score >= FOUND ? found.referenceSample - start - at : null;
  }

  /** Extends both ways, in steps, as long as windows correlate; `least` is where it must stop on the left. */
  #grow(zone: Int16Array, start: number, at: number, lag: number, least: number): Piece {
    const belongs = (place: number, length = WINDOW) =>
      correlation(zone, place, this.#reference, start + place + lag, length) >= BELONGS;
    let from = at;
    while (from - STEP >= least && belongs(from - STEP)) from -= STEP;
    let to = at;
    while (to + WINDOW <= zone.length && belongs(to)) to += STEP;
    const rest = zone.length - to;
    if (rest < WINDOW) to = rest > 0 && belongs(to, rest) ? zone.length : to;
    else to += (WINDOW * 3) / 5;
    const length = Math.max(STEP, Math.min(to, zone.length) - from);
    const score = correlation(zone, from, this.#reference, start + from + lag, Math.min(length, zone.length - from));
    return { inputStart: start + from, lag, length: Math.min(length, zone.length - from), score: Math.max(0, score) };
  }

  /** Adds `piece` behind the others: bridged when the lag goes on, else cut at the seam where both fit best. */
  #join(pieces: Piece[], piece: Piece, zone: Int16Array, start: number): void {
    const last = pieces.at(-1);
    if (!last) {
      pieces.push(piece);
      return;
    }
    const lastEnd = last.inputStart + last.length;
    const end = piece.inputStart + piece.length;
    if (piece.lag === last.lag && piece.inputStart - lastEnd <= BRIDGE) {
      last.length = Math.max(last.length, end - last.inputStart);
      return;
    }
    if (piece.inputStart - lastEnd < WINDOW) {
      const from = Math.max(last.inputStart, Math.min(lastEnd, piece.inputStart) - WINDOW);
      const to = Math.min(end, Math.max(lastEnd, piece.inputStart) + WINDOW);
      const seam = start + this.#seam(zone, start, from - start, to - start, last.lag, piece.lag);
      last.length = seam - last.inputStart;
      piece.length = end - seam;
      piece.inputStart = seam;
    }
    if (piece.length > 0) pieces.push(piece);
  }

  /** The sample at which changing from one lag to the other leaves the least error. */
  #seam(zone: Int16Array, start: number, from: number, to: number, before: number, after: number): number {
    const gainBefore = this.#gain(zone, start, from, to, before);
    const gainAfter = this.#gain(zone, start, from, to, after);
    let error = 0;
    let least = 0;
    let seam = from;
    for (let at = from; at < to; at++) {
      const sample = zone[at] ?? 0;
      const there = start + at;
      error += (sample - gainBefore * (this.#reference[there + before] ?? 0)) ** 2;
      error -= (sample - gainAfter * (this.#reference[there + after] ?? 0)) ** 2;
      if (error < least) {
        least = error;
        seam = at + 1;
      }
    }
    return seam;
  }

  /** Ratio of the levels of input and reference. */
  #gain(zone: Int16Array, start: number, from: number, to: number, lag: number): number {
    let here = 0;
    let there = 0;
    for (let at = from; at < to; at++) {
      here += (zone[at] ?? 0) ** 2;
      there += (this.#reference[start + at + lag] ?? 0) ** 2;
    }
    return there === 0 ? 0 : Math.sqrt(here / there);
  }
}

function isSilent(zone: Int16Array, at: number): boolean {
  const to = Math.min(at + STEP, zone.length);
  for (let index = at; index < to; index++) if (Math.abs(zone[index]!) > 2) return false;
  return true;
}
