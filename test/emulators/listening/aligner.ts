import type { Correlator } from './correlator.ts';
import { SampleBuffer } from './sample-buffer.ts';
import { type Piece, SimilarAligner } from './similar.ts';
import { equalRun, equalRunBefore, hashOf, rollOn, WINDOW, type WindowIndex } from './window-index.ts';

/** Unmatched audio is correlated once this much has gathered (500 ms), or at a flush. */
const SIMILAR_AFTER = 8000;

/** Told what was found, in the order of the input; neighbours with the same lag belong together. */
export interface AlignerListener {
  piece(piece: Piece): void;
  /** Input that is nowhere in the reference. */
  unknown(inputStart: number, length: number): void;
}

/**
 * Says, sample by sample, which part of a reference an input is, however the input was cut, holed or repeated. Exact
 * where samples are equal; by correlation elsewhere. Works on pushes of any size; memory holds half a second of input.
 */
export class Aligner {
  readonly #index: WindowIndex;
  readonly #similar: SimilarAligner;
  readonly #listener: AlignerListener;
  readonly #buffer = new SampleBuffer();
  /** Input position of the next sample to explain. */
  #at = 0;
  /** Reference position = input position + lag while samples are equal; null while searching. */
  #lag: number | null = null;
  /** Lag of the last piece found: it wins where several places are equal. */
  #lastLag = 0;
  /** First input position whose window was not looked up yet, and that window's hash once known. */
  #searchAt = 0;
  #hash: number | null = null;

  constructor(index: WindowIndex, correlator: () => Correlator, listener: AlignerListener) {
    this.#index = index;
    this.#similar = new SimilarAligner(index.reference, correlator);
    this.#listener = listener;
  }

  /** Samples pushed so far. */
  get inputSamples(): number {
    return this.#buffer.end;
  }

  push(pcm: Int16Array): void {
    this.#buffer.append(pcm);
    this.#advance();
    if (this.#buffer.end - this.#at >= SIMILAR_AFTER) this.#correlate(this.#buffer.end - 2 * WINDOW);
    this.#buffer.dropBefore(this.#at);
  }

  /** Explains everything pushed so far; a later push still continues where the input stopped. */
  flush(): void {
    if (this.#lag === null && this.#buffer.end > this.#at) this.#correlate(this.#buffer.end);
    this.#buffer.dropBefore(this.#at);
  }

  #advance(): void {
    for (;;) {
      if (this.#lag !== null) this.#follow();
      if (this.#lag !== null || !this.#search()) return;
    }
  }

  /** Goes on while input and reference are equal. */
  #follow(): void {
    const { samples, base, end } = this.#buffer;
    const lag = this.#lag ?? 0;
    const left = end - this.#at;
    const run = equalRun(samples, this.#at - base, this.#index.reference, this.#at + lag, left);
    this.#report({ inputStart: this.#at, lag, length: run, score: 1 });
    this.#at += run;
    if (run === left) return;
    this.#lag = null;
    this.#searchAt = this.#at;
    this.#hash = null;
  }

  /** Rolls on until a window of the input is found in the reference. */
  #search(): boolean {
    const { samples, base, end } = this.#buffer;
    for (; this.#searchAt + WINDOW <= end; this.#searchAt++) {
      const at = this.#searchAt - base;
      this.#hash = this.#hash === null ? hashOf(samples, at) : rollOn(this.#hash, samples, at - 1);
      const place = this.#bestPlace(this.#hash, at);
      if (place === null) continue;
      this.#found(place);
      return true;
    }
    return false;
  }

  /** Of several equal places, the one that goes on at the last lag, else the one equal for longest. */
  #bestPlace(hash: number, at: number): number | null {
    const { samples, base } = this.#buffer;
    let best: number | null = null;
    let longest = -1;
    this.#index.lookUp(hash, samples, at, (place) => {
      const goesOn = place === at + base + this.#lastLag;
      const run = goesOn ? Number.MAX_SAFE_INTEGER : equalRun(samples, at, this.#index.reference, place, 16_000);
      if (run <= longest) return;
      best = place;
      longest = run;
    });
    return best;
  }

  #found(place: number): void {
    const { samples, base } = this.#buffer;
    const room = this.#searchAt - this.#at;
    const before = equalRunBefore(samples, this.#searchAt - base, this.#index.reference, place, room);
    const lag = place - this.#searchAt;
    if (before < room) this.#correlate(this.#searchAt - before, lag);
    this.#lag = lag;
  }

  /** Explains the unmatched input up to `to` by correlation; `nextLag` is that of the equal samples behind it. */
  #correlate(to: number, nextLag?: number): void {
    const { samples, base } = this.#buffer;
    const zone = samples.subarray(this.#at - base, to - base);
    let explained = this.#at;
    for (const piece of this.#similar.explain(zone, this.#at, this.#lastLag, nextLag)) {
      this.#unknown(explained, piece.inputStart);
      this.#report(piece);
      explained = piece.inputStart + piece.length;
    }
    this.#unknown(explained, to);
    this.#at = to;
    if (this.#searchAt <= to) {
      this.#searchAt = to;
      this.#hash = null;
    }
  }

  #unknown(from: number, to: number): void {
    if (to > from) this.#listener.unknown(from, to - from);
  }

  #report(piece: Piece): void {
    if (piece.length === 0) return;
    this.#lastLag = piece.lag;
    this.#listener.piece(piece);
  }
}
