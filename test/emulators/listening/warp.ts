import type { Features } from './features.ts';
import { DIMENSIONS } from './mfcc.ts';

/** Extra cost of an input frame that stays on a template frame or skips one. */
const OFF_PACE = 0.35;

/**
 * Subsequence dynamic time warping: the whole input against any stretch of the template. Every input frame moves 0, 1 or 2
 * template frames on, so costs of one input compare across templates. Fed one input frame at a time.
 */
export class Warp {
  readonly template: Features;
  #costs: Float32Array;
  #next: Float32Array;
  #starts: Int32Array;
  #nextStarts: Int32Array;
  /** Moves per input frame, kept only when the path is wanted. */
  readonly #moves: Uint8Array[] | null;
  #frames = 0;

  constructor(template: Features, keepPath = false) {
    this.template = template;
    this.#costs = new Float32Array(template.count);
    this.#next = new Float32Array(template.count);
    this.#starts = new Int32Array(template.count);
    this.#nextStarts = new Int32Array(template.count);
    this.#moves = keepPath ? [] : null;
  }

  /** `input` holds the frame at `offset`. */
  push(input: Float32Array, offset: number): void {
    const moves = this.#moves ? new Uint8Array(this.template.count) : null;
    for (let place = 0; place < this.template.count; place++) {
      const here = distance(input, offset, this.template.values, place * DIMENSIONS);
      if (this.#frames === 0) {
        this.#next[place] = here;
        this.#nextStarts[place] = place;
        continue;
      }
      let best = this.#costs[place]! + OFF_PACE;
      let move = 0;
      if (place >= 1 && this.#costs[place - 1]! < best) {
        best = this.#costs[place - 1]!;
        move = 1;
      }
      if (place >= 2 && this.#costs[place - 2]! + OFF_PACE < best) {
        best = this.#costs[place - 2]! + OFF_PACE;
        move = 2;
      }
      this.#next[place] = best + here;
      this.#nextStarts[place] = this.#starts[place - move]!;
      if (moves) moves[place] = move;
    }
    [this.#costs, this.#next] = [this.#next, this.#costs];
    [this.#starts, this.#nextStarts] = [this.#nextStarts, this.#starts];
    if (moves) this.#moves?.push(moves);
    this.#frames++;
  }

  /** The cheapest stretch so far: mean cost per input frame, first and last template frame. */
  best(): { cost: number; start: number; end: number } {
    let end = 0;
    for (let place = 1; place < this.#costs.length; place++) if (this.#costs[place]! < this.#costs[end]!) end = place;
    return { cost: this.#costs[end]! / Math.max(1, this.#frames), start: this.#starts[end] ?? 0, end };
  }

  /** Template frame of every input frame along the cheapest path. */
  path(): Int32Array {
    const path = new Int32Array(this.#frames);
    let place = this.best().end;
    for (let frame = this.#frames - 1; frame >= 0; frame--) {
      path[frame] = place;
      place -= this.#moves?.[frame]?.[place] ?? 0;
    }
    return path;
  }
}

function distance(a: Float32Array, atA: number, b: Float32Array, atB: number): number {
  let sum = 0;
  for (let index = 0; index < DIMENSIONS; index++) {
    const difference = a[atA + index]! - b[atB + index]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}
