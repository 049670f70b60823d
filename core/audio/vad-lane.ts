import type { Vad, VadCapabilities, VadStream } from '../contracts/index.ts';
import { CORE_SAMPLE_RATE_HZ, FRAME_SAMPLES } from '../contracts/index.ts';
import { causeOf } from './cause.ts';

/** Results kept per lane: more than the frames that may wait (see {@link VadLane.room}). */
const RESULTS = 256;
/** VAD frames between the frame to be decided and the newest given: some 2 s. The rest waits in the ring. */
const MAX_AHEAD = 64;

/**
 * One VAD stream, fed with any number of samples, asked by 30 ms frame. A frame's probability is that of the VAD frame
 * which holds its middle. An opening of the gate begins an epoch: results of the one before it are not used any more.
 */
export class VadLane {
  readonly capabilities: VadCapabilities;
  readonly #size: number;
  readonly #stream: VadStream;
  readonly #partial: Float32Array;
  readonly #results = new Float32Array(RESULTS);
  readonly #now: () => number;
  #filled = 0;
  #nextSeq = 0;
  #baseSeq = 0;
  #received = 0;
  /** Linear offset of the epoch's first sample, and of the next one to be given. */
  #base = 0;
  #cursor = 0;
  #failed = false;
  #cause = 'unknown';
  #progressAt = 0;

  /** `onResult` is called after each result. Throws what the VAD's `open` throws. */
  constructor(vad: Vad, capabilities: VadCapabilities, now: () => number, onResult: () => void) {
    if (vad.sampleRateHz !== CORE_SAMPLE_RATE_HZ) throw new RangeError(`a VAD at ${vad.sampleRateHz} Hz cannot be fed`);
    this.capabilities = capabilities;
    this.#size = vad.frameSamples;
    this.#partial = new Float32Array(this.#size);
    this.#now = now;
    this.#stream = vad.open((seq, probability) => {
      if (!this.#record(seq, probability)) return;
      onResult();
    });
  }

  /** Whether anything of this epoch was answered. */
  get hasAnswered(): boolean {
    return !this.#failed && this.#received > 0;
  }

  /** Linear offset of the next sample it expects. */
  get cursor(): number {
    return this.#cursor;
  }

  /** It threw or answered NaN: replace it. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Why it failed: the error's code or name, `nan` where it gave itself up. */
  get cause(): string {
    return this.#cause;
  }

  /** Milliseconds (monotonic) since which frames wait without an answer; undefined when none waits. */
  get waitingSince(): number | undefined {
    return this.#nextSeq - this.#baseSeq > this.#received ? this.#progressAt : undefined;
  }

  /** Starts an epoch at a linear offset. */
  begin(offset: number): void {
    this.#base = offset;
    this.#cursor = offset;
    this.#filled = 0;
    this.#baseSeq = this.#nextSeq;
    this.#received = 0;
    this.#guard(() => this.#stream.reset());
  }

  /** Whether more may be given while `frame` is the next to be decided. */
  room(frame: number): boolean {
    const decided = Math.max(0, Math.floor((frame * FRAME_SAMPLES - this.#base) / this.#size));
    return this.#nextSeq - this.#baseSeq - decided < MAX_AHEAD;
  }

  /** Gives `count` samples of ±1. */
  accept(samples: Float32Array, count: number): void {
    const partial = this.#partial;
    let done = 0;
    while (done < count && !this.#failed) {
      const to = this.#filled;
      const some = Math.min(count - done, this.#size - to);
      for (let i = 0; i < some; i++) partial[to + i] = samples[done + i] as number;
      done += some;
      this.#filled = to + some;
      this.#cursor += some;
      if (this.#filled === this.#size) this.#push();
    }
  }

  /** Fills up the VAD frame that was begun with silence, so that everything given gets its answer. */
  pad(): void {
    if (this.#filled === 0 || this.#failed) return;
    this.#partial.fill(0, this.#filled);
    this.#push();
  }

  /** Probability of speech in a 30 ms frame, or -1 when not known yet. */
  probability(frame: number): number {
    const index = Math.floor((frame * FRAME_SAMPLES + FRAME_SAMPLES / 2 - this.#base) / this.#size);
    return index < this.#received ? (this.#results[index % RESULTS] as number) : -1;
  }

  close(): void {
    this.#failed = true;
    this.#guard(() => this.#stream.close());
  }

  #push(): void {
    this.#filled = 0;
    if (this.#nextSeq - this.#baseSeq === this.#received) this.#progressAt = this.#now();
    const seq = this.#nextSeq++;
    // Not through `guard`: a closure per frame is work for the garbage collector.
    try {
      this.#stream.push(this.#partial, seq);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** True when the result changes something. */
  #record(seq: number, probability: number): boolean {
    if (this.#failed) return false;
    if (Number.isNaN(probability)) {
      this.#failed = true;
      this.#cause = 'nan';
      return true;
    }
    if (seq < this.#baseSeq || seq >= this.#nextSeq) return false;
    this.#progressAt = this.#now();
    this.#results[(seq - this.#baseSeq) % RESULTS] = probability;
    this.#received = seq - this.#baseSeq + 1;
    return true;
  }

  /** A VAD that throws is a failed one: the owner replaces it and says so. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#cause = causeOf(error);
  }
}
