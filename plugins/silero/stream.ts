import type { VadResultHandler, VadStream } from '../../core/contracts/index.ts';
import type { SileroEngine } from './engine.ts';
import { FRAME, placeOf } from './turn.ts';

/** Frames one stream may be behind (33 s). The ear stops far below it; a caller that does not gets NaN, not memory. */
const MAX_QUEUED = 1024;

/** One counter's place in the engine: the frames that wait for a run. */
export class SileroStream implements VadStream {
  /** Where the model keeps what it remembers of this stream. */
  readonly slot: number;
  readonly #engine: SileroEngine;
  readonly #onResult: VadResultHandler;
  #frames = new Float32Array(8 * FRAME);
  #seqs = new Float64Array(8);
  /** 1 where the state is forgotten before the frame. */
  #resets = new Uint8Array(8);
  #head = 0;
  #count = 0;
  /** Whoever had the slot before is nobody's business. */
  #resetNext = true;
  #answeredSeq = 0;
  #closed = false;
  #failed = false;

  constructor(engine: SileroEngine, slot: number, onResult: VadResultHandler) {
    this.#engine = engine;
    this.slot = slot;
    this.#onResult = onResult;
  }

  /** The number that the oldest frame in the queue was pushed with. */
  get nextSeq(): number {
    return this.#seqs[this.#head] as number;
  }

  get queued(): number {
    return this.#count;
  }

  push(frame: Float32Array, seq: number): void {
    if (this.#closed || this.#failed) return;
    if (this.#engine.failed || this.#count >= MAX_QUEUED) {
      this.fail(seq);
      return;
    }
    if (this.#count === this.#seqs.length) this.#grow();
    const slot = (this.#head + this.#count) % this.#seqs.length;
    this.#frames.set(frame, slot * FRAME);
    this.#seqs[slot] = seq;
    this.#resets[slot] = this.#resetNext ? 1 : 0;
    this.#resetNext = false;
    this.#count += 1;
    if (this.#count === 1) this.#engine.ready(this);
  }

  reset(): void {
    this.#resetNext = true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#count = 0;
    this.#engine.forget(this);
  }

  /** Writes the oldest frame into `frames` at `offset`, takes it from the queue, and says where it belongs. */
  take(frames: Float32Array, offset: number): number {
    const head = this.#head;
    const from = head * FRAME;
    for (let i = 0; i < FRAME; i++) frames[offset + i] = this.#frames[from + i] as number;
    this.#head = (head + 1) % this.#seqs.length;
    this.#count -= 1;
    return placeOf(this.slot, this.#resets[head] === 1);
  }

  /** Hands over the result of the frame that was pushed as `seq`. */
  answer(seq: number, probability: number): void {
    this.#answeredSeq = seq;
    if (!this.#closed && !this.#failed) this.#onResult(seq, probability);
  }

  /** Reports NaN once; nothing is answered after it. */
  fail(seq = this.#answeredSeq): void {
    if (this.#closed || this.#failed) return;
    this.#failed = true;
    this.#count = 0;
    this.#onResult(seq, Number.NaN);
  }

  #grow(): void {
    const size = this.#seqs.length;
    const frames = new Float32Array(size * 2 * FRAME);
    const seqs = new Float64Array(size * 2);
    const resets = new Uint8Array(size * 2);
    for (let i = 0; i < this.#count; i++) {
      const slot = (this.#head + i) % size;
      frames.set(this.#frames.subarray(slot * FRAME, (slot + 1) * FRAME), i * FRAME);
      seqs[i] = this.#seqs[slot] as number;
      resets[i] = this.#resets[slot] as number;
    }
    this.#frames = frames;
    this.#seqs = seqs;
    this.#resets = resets;
    this.#head = 0;
  }
}
