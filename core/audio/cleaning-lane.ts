import { type Cleaner, type CleanerStream, CORE_SAMPLE_RATE_HZ, FRAME_MS, FRAME_SAMPLES } from '../contracts/index.ts';

/** Receives cleaned samples: those of `buffer` from `first` on, `count` of them, belong at the linear `offset`. */
export type CleanedHandler = (offset: number, buffer: Float32Array, first: number, count: number) => void;

/** Frames over which a cleaner must keep up with the audio: 3 s. */
const PACE_FRAMES = 100;

/**
 * One cleaner stream, fed with 30 ms frames. Its output is put back to the place in time of its input: the first
 * `delaySamples` of an epoch are dropped, the rest is reported with its offset.
 */
export class CleaningLane {
  readonly #stream: CleanerStream;
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #delay: number;
  readonly #onCleaned: CleanedHandler;
  readonly #now: () => number;
  /** Frames since its pace was last looked at, and the milliseconds they took. */
  #frames = 0;
  #spentMs = 0;
  #filled = 0;
  #base = 0;
  /** Linear offset of the next output sample; before `#base` while the delay lasts. */
  #out = 0;

  /** Throws what the cleaner's `open` throws. */
  constructor(cleaner: Cleaner, now: () => number, onCleaned: CleanedHandler) {
    if (cleaner.sampleRateHz !== CORE_SAMPLE_RATE_HZ) {
      throw new RangeError(`a cleaner at ${cleaner.sampleRateHz} Hz cannot be fed`);
    }
    this.#stream = cleaner.open();
    this.#input = new Float32Array(cleaner.frameSamples);
    this.#output = new Float32Array(cleaner.frameSamples);
    this.#delay = cleaner.delaySamples;
    this.#onCleaned = onCleaned;
    this.#now = now;
  }

  /** Everything before this linear offset has been cleaned. */
  get cleaned(): number {
    return Math.max(this.#out, this.#base);
  }

  /** Starts an epoch; the noise estimate stays. */
  begin(offset: number): void {
    this.#base = offset;
    this.#out = offset - this.#delay;
    this.#filled = 0;
  }

  /** Whether it cleaned anything of this epoch. */
  get hasCleaned(): boolean {
    return this.#out > this.#base;
  }

  /** Throws what the cleaner throws, `nan` for samples that are no numbers, `stall` where it is slower than the audio. */
  accept(samples: Float32Array, count: number): void {
    const begunMs = this.#now();
    this.#take(samples, count);
    this.#keepPace(this.#now() - begunMs);
  }

  #take(samples: Float32Array, count: number): void {
    const input = this.#input;
    let done = 0;
    while (done < count) {
      const to = this.#filled;
      const some = Math.min(count - done, input.length - to);
      for (let i = 0; i < some; i++) input[to + i] = samples[done + i] as number;
      done += some;
      this.#filled = to + some;
      if (this.#filled === input.length) this.#process();
    }
  }

  /** Pushes silence through until everything before `offset` has come out. */
  drain(offset: number): void {
    while (this.cleaned < offset) {
      this.#input.fill(0, this.#filled);
      this.#process();
    }
  }

  /** A frame heard while nobody speaks, kept for the noise estimate; `restart` begins a new stretch. */
  observe(samples: Float32Array, restart: boolean): void {
    if (!this.#stream.observe) return;
    if (restart) this.#filled = 0;
    for (let i = 0; i < FRAME_SAMPLES && this.#filled < this.#input.length; i++) {
      this.#input[this.#filled++] = samples[i] as number;
    }
    if (this.#filled < this.#input.length) return;
    this.#filled = 0;
    this.#stream.observe(this.#input);
  }

  /** Frames one `observe` window takes. */
  get observeFrames(): number {
    return Math.ceil(this.#input.length / FRAME_SAMPLES);
  }

  close(): void {
    this.#stream.close();
  }

  #process(): void {
    this.#filled = 0;
    this.#stream.process(this.#input, this.#output);
    const length = this.#output.length;
    // Written down, it would be silence: what was said would be gone. It spreads, so the last sample tells.
    if (!Number.isFinite(this.#output[length - 1])) throw fault('nan');
    const skip = Math.min(length, Math.max(0, this.#base - this.#out));
    const at = this.#out + skip;
    this.#out += length;
    if (skip < length) this.#onCleaned(at, this.#output, skip, length - skip);
  }

  /** One that takes longer than the audio lasts never catches up: everybody on this thread waits for it. */
  #keepPace(ms: number): void {
    this.#spentMs += ms;
    this.#frames += 1;
    if (this.#frames < PACE_FRAMES) return;
    const isSlow = this.#spentMs > PACE_FRAMES * FRAME_MS;
    this.#frames = this.#spentMs = 0;
    if (isSlow) throw fault('stall');
  }
}

function fault(code: 'nan' | 'stall'): Error {
  return Object.assign(new Error(`cleaner: ${code}`), { code });
}
