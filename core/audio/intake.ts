import { FRAME_MS, FRAME_SAMPLES } from '../contracts/index.ts';
import { frameRms } from './energy-gate.ts';
import { type FrameRing, toInt16 } from './ring.ts';

/** Cuts samples, however they were chunked, into frames of 30 ms and puts them into the ring. */
export class Intake {
  readonly #ring: FrameRing;
  readonly #onFrame: () => void;
  readonly #partial = new Int16Array(FRAME_SAMPLES);
  #filled = 0;
  #arrivedAt = 0;
  /** Position in audio time of the frame that is being filled. */
  #position: number;

  /** `onFrame` is called after each frame; audio time begins at `position`. */
  constructor(ring: FrameRing, onFrame: () => void, position = 0) {
    this.#ring = ring;
    this.#onFrame = onFrame;
    this.#position = position;
  }

  /** Audio time of the next frame, in samples. */
  get position(): number {
    return this.#position;
  }

  /** Samples in ±1, borrowed until return. */
  push(pcm: Float32Array, receivedAtMs: number): void {
    let done = 0;
    while (done < pcm.length) {
      const count = Math.min(pcm.length - done, FRAME_SAMPLES - this.#filled);
      this.#fill(pcm, done, count);
      done += count;
      this.#arrivedAt = receivedAtMs;
      if (this.#filled === FRAME_SAMPLES) this.complete();
    }
  }

  /** Ends the frame that is being filled, padding it with silence. */
  complete(): void {
    const samples = this.#filled;
    if (samples === 0) return;
    this.#partial.fill(0, samples);
    const rms = frameRms(this.#partial, samples);
    this.#ring.append(this.#partial, samples, rms, this.#position, this.#arrivedAt);
    this.#position += samples;
    this.#filled = 0;
    this.#onFrame();
  }

  /** Audio time goes on by `ms` in which nothing was heard; returns the samples. */
  skip(ms: number): number {
    const samples = Math.round((ms * FRAME_SAMPLES) / FRAME_MS);
    this.#position += samples;
    return samples;
  }

  /** Sample by sample, but with nothing but locals in the loop: this is run 16,000 times a second for every counter. */
  #fill(pcm: Float32Array, from: number, count: number): void {
    const partial = this.#partial;
    const to = this.#filled;
    for (let i = 0; i < count; i++) partial[to + i] = toInt16(pcm[from + i] as number);
    this.#filled = to + count;
  }
}
