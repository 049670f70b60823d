import type { VadResultHandler, VadStream } from '../../core/contracts/index.ts';
import type { SileroEngine } from './engine.ts';

/** Samples of one frame, and of the audio before it that the model must see again (without it, it hears nothing). */
export const FRAME = 512;
export const CONTEXT = 64;
export const STATE = 256;

/** Frames one stream may be behind (33 s). The ear stops far below it; a caller that does not gets NaN, not memory. */
const MAX_QUEUED = 1024;

/** One counter's place in the engine: recurrent state and the frames that wait for a run. */
export class SileroStream implements VadStream {
  /** Recurrent state, layer-major [2, 128]. */
  readonly state = new Float32Array(STATE);
  readonly #context = new Float32Array(CONTEXT);
  readonly #engine: SileroEngine;
  readonly #onResult: VadResultHandler;
  #frames = new Float32Array(8 * FRAME);
  #seqs = new Float64Array(8);
  /** 1 where the state is forgotten before the frame. */
  #resets = new Uint8Array(8);
  #head = 0;
  #count = 0;
  #resetNext = false;
  #runningSeq = 0;
  #closed = false;
  #failed = false;

  constructor(engine: SileroEngine, onResult: VadResultHandler) {
    this.#engine = engine;
    this.#onResult = onResult;
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

  /** Writes the oldest frame with its context into `input` at `offset` and takes it from the queue. */
  take(input: Float32Array, offset: number): void {
    const slot = this.#head;
    if (this.#resets[slot] === 1) {
      this.state.fill(0);
      this.#context.fill(0);
    }
    const from = slot * FRAME;
    const to = from + FRAME;
    input.set(this.#context, offset);
    for (let i = 0; i < FRAME; i++) input[offset + CONTEXT + i] = this.#frames[from + i] as number;
    for (let i = 0; i < CONTEXT; i++) this.#context[i] = this.#frames[to - CONTEXT + i] as number;
    this.#runningSeq = this.#seqs[slot] as number;
    this.#head = (slot + 1) % this.#seqs.length;
    this.#count -= 1;
  }

  /** Hands over the result of the frame taken last. */
  answer(probability: number): void {
    if (!this.#closed && !this.#failed) this.#onResult(this.#runningSeq, probability);
  }

  /** Reports NaN once; nothing is answered after it. */
  fail(seq = this.#runningSeq): void {
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
