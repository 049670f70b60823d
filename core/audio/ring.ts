import { FRAME_SAMPLES } from '../contracts/index.ts';

/** Frames of 30 ms in one block: 480 ms, 15 KB of audio. */
const BLOCK_FRAMES = 16;
const BLOCK_SAMPLES = BLOCK_FRAMES * FRAME_SAMPLES;

/** 16 frames and what is known of each. */
interface Block {
  pcm: Int16Array;
  /** Of `pcm`, frame by frame: made once, so that copying a frame makes nothing. */
  frames: Int16Array[];
  /** The same, cleaned; made when a cleaner first writes here. */
  clean: Int16Array | undefined;
  /** RMS in int16 units of the frame as it arrived. */
  rms: Float32Array;
  /** Samples that were heard; the rest of the frame is padding. */
  samples: Uint16Array;
  /** Position of the first sample in the session's audio time. */
  position: Float64Array;
  /** Monotonic ms of arrival. */
  arrivedAt: Float64Array;
  /** 1 where the VAD called it speech. */
  spoken: Uint8Array;
  /** 1 where `clean` holds the whole frame. */
  cleaned: Uint8Array;
  /** Sum of squares of `clean` over the frame, in ±1. */
  cleanedEnergy: Float64Array;
}

/** Blocks that no ring uses now: one per process or per test, so that a counter which falls silent lends its memory on. */
export class BlockPool {
  readonly #free: Block[] = [];
  readonly #maxFree: number;

  /** Keeps at most `maxFree` unused blocks (16.5 KB each). */
  constructor(maxFree = 512) {
    this.#maxFree = maxFree;
  }

  take(): Block {
    return this.#free.pop() ?? createBlock();
  }

  give(block: Block): void {
    if (this.#free.length < this.#maxFree) this.#free.push(block);
  }
}

function createBlock(): Block {
  const pcm = new Int16Array(BLOCK_SAMPLES);
  return {
    pcm,
    frames: Array.from({ length: BLOCK_FRAMES }, (_, slot) =>
      pcm.subarray(slot * FRAME_SAMPLES, (slot + 1) * FRAME_SAMPLES),
    ),
    clean: undefined,
    rms: new Float32Array(BLOCK_FRAMES),
    samples: new Uint16Array(BLOCK_FRAMES),
    position: new Float64Array(BLOCK_FRAMES),
    arrivedAt: new Float64Array(BLOCK_FRAMES),
    spoken: new Uint8Array(BLOCK_FRAMES),
    cleaned: new Uint8Array(BLOCK_FRAMES),
    cleanedEnergy: new Float64Array(BLOCK_FRAMES),
  };
}

/**
 * The frames an ear still needs: pre-roll, the utterance that is not confirmed yet, and what waits for the VAD. Frames
 * are numbered from 0 for the whole session. A linear offset is `frame × 480 + sample`; it counts padding, a position
 * does not.
 */
export class FrameRing {
  readonly #pool: BlockPool;
  readonly #blocks: Block[] = [];
  /** Number of the first block held. */
  #firstBlock = 0;
  #start = 0;
  #end = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Oldest frame kept. */
  get start(): number {
    return this.#start;
  }

  /** One past the newest. */
  get end(): number {
    return this.#end;
  }

  /** Copies one frame of 480 samples in, of which `samples` were heard. */
  append(pcm: Int16Array, samples: number, rms: number, position: number, arrivedAt: number): void {
    const slot = this.#end % BLOCK_FRAMES;
    const number = (this.#end - slot) / BLOCK_FRAMES;
    if (number - this.#firstBlock === this.#blocks.length) this.#blocks.push(this.#pool.take());
    const block = this.#blocks[number - this.#firstBlock] as Block;
    (block.frames[slot] as Int16Array).set(pcm);
    block.rms[slot] = rms;
    block.samples[slot] = samples;
    block.position[slot] = position;
    block.arrivedAt[slot] = arrivedAt;
    block.spoken[slot] = 0;
    block.cleaned[slot] = 0;
    this.#end += 1;
  }

  /** Lets go of everything before `frame`. */
  release(frame: number): void {
    if (frame <= this.#start) return;
    this.#start = Math.min(frame, this.#end);
    while (this.#blocks.length > 0 && (this.#firstBlock + 1) * BLOCK_FRAMES <= this.#start) {
      this.#pool.give(this.#blocks.shift() as Block);
      this.#firstBlock += 1;
    }
  }

  /** Lets go of everything, the block that is being filled included. */
  close(): void {
    this.#start = this.#end;
    for (const block of this.#blocks.splice(0)) this.#pool.give(block);
  }

  rms(frame: number): number {
    return this.#block(frame).rms[frame % BLOCK_FRAMES] as number;
  }

  samples(frame: number): number {
    return this.#block(frame).samples[frame % BLOCK_FRAMES] as number;
  }

  position(frame: number): number {
    return this.#block(frame).position[frame % BLOCK_FRAMES] as number;
  }

  /** Frames from `first` on stand `samples` later in audio time. */
  shift(first: number, samples: number): void {
    for (let frame = first; frame < this.#end; frame++) {
      const { position } = this.#block(frame);
      position[frame % BLOCK_FRAMES] = (position[frame % BLOCK_FRAMES] as number) + samples;
    }
  }

  arrivedAt(frame: number): number {
    return this.#block(frame).arrivedAt[frame % BLOCK_FRAMES] as number;
  }

  spoken(frame: number): boolean {
    return this.#block(frame).spoken[frame % BLOCK_FRAMES] === 1;
  }

  cleaned(frame: number): boolean {
    return this.#block(frame).cleaned[frame % BLOCK_FRAMES] === 1;
  }

  /** Sum of squares of a cleaned frame, in ±1. */
  cleanedEnergy(frame: number): number {
    return this.#block(frame).cleanedEnergy[frame % BLOCK_FRAMES] as number;
  }

  markSpoken(frame: number, spoken: boolean): void {
    this.#block(frame).spoken[frame % BLOCK_FRAMES] = spoken ? 1 : 0;
  }

  /** Copies the 480 samples of `frame`: the cleaned ones where they are wanted and there, else the raw ones. */
  read(frame: number, into: Int16Array, cleaned = false): void {
    const block = this.#block(frame);
    const slot = frame % BLOCK_FRAMES;
    const { clean } = block;
    if (!cleaned || block.cleaned[slot] !== 1 || !clean) {
      into.set(block.frames[slot] as Int16Array);
      return;
    }
    const from = slot * FRAME_SAMPLES;
    for (let i = 0; i < FRAME_SAMPLES; i++) into[i] = clean[from + i] as number;
  }

  /** Copies `count` samples from a linear offset on, scaled to ±1; `cleaned` only where `writeCleaned` has been. */
  readFloat(offset: number, into: Float32Array, count: number, cleaned: boolean): void {
    let done = 0;
    while (done < count) {
      const at = offset + done;
      const block = this.#block(Math.floor(at / FRAME_SAMPLES));
      const source = cleaned ? (block.clean ?? block.pcm) : block.pcm;
      const from = at % BLOCK_SAMPLES;
      const some = Math.min(count - done, BLOCK_SAMPLES - from);
      for (let i = 0; i < some; i++) into[done + i] = (source[from + i] as number) / 32768;
      done += some;
    }
  }

  /** Stores `count` cleaned samples of ±1 at a linear offset; a frame counts as cleaned with its last sample. */
  writeCleaned(offset: number, source: Float32Array, first: number, count: number): void {
    let done = Math.max(0, this.#start * FRAME_SAMPLES - offset);
    while (done < count) {
      const at = offset + done;
      const within = at % FRAME_SAMPLES;
      const some = Math.min(count - done, FRAME_SAMPLES - within);
      this.#writeFrame((at - within) / FRAME_SAMPLES, within, source, first + done, some);
      done += some;
    }
  }

  #writeFrame(frame: number, within: number, source: Float32Array, first: number, count: number): void {
    const block = this.#block(frame);
    block.clean ??= new Int16Array(BLOCK_SAMPLES);
    const { clean } = block;
    const slot = frame % BLOCK_FRAMES;
    const to = slot * FRAME_SAMPLES + within;
    let energy = within === 0 ? 0 : (block.cleanedEnergy[slot] as number);
    for (let i = 0; i < count; i++) {
      const value = source[first + i] as number;
      clean[to + i] = toInt16(value);
      energy += value * value;
    }
    block.cleanedEnergy[slot] = energy;
    if (within + count === FRAME_SAMPLES) block.cleaned[slot] = 1;
  }

  #block(frame: number): Block {
    const block = this.#blocks[Math.floor(frame / BLOCK_FRAMES) - this.#firstBlock];
    if (!block || frame < this.#start || frame >= this.#end) throw new RangeError(`frame ${frame} is not held`);
    return block;
  }
}

/** ±1 to signed 16 bit, rounded and clipped. */
export function toInt16(value: number): number {
  // Positive before it is cut off, which is rounding down: half the price of Math.round, the same result. What is no number
  // compares with nothing and becomes 0.
  const lifted = value * 32768 + 32768.5;
  if (lifted < 65_535) return lifted > 0 ? (lifted | 0) - 32768 : -32768;
  return lifted >= 65_535 ? 32767 : 0;
}
