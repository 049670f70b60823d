import { CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';

/** Samples in one block: 512 ms at 16 kHz, 16 KiB. */
export const BLOCK_SAMPLES = 8192;

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;
const BLOCK_BYTES = BLOCK_SAMPLES * 2;

/** Something that holds blocks and can be told to let go of them. */
export interface BlockHolder {
  /** Gives every block back before it returns; what it held is lost. */
  evict(): void;
}

/**
 * The memory all counters of a process keep unanswered audio in. When it is full, the oldest holder is evicted: the
 * newest words are the ones a customer still waits for. Guests, whose audio nobody waits for, go before anybody else.
 */
export class BlockPool {
  readonly #maxBlocks: number;
  readonly #maxSpare: number;
  readonly #spare: Int16Array[] = [];
  /** In the order they began. */
  readonly #holders = new Set<BlockHolder>();
  readonly #guests = new Set<BlockHolder>();
  #used = 0;

  /** `maxBytes` of audio at once, default 512 MiB; `spareBytes` of freed blocks are kept for the next utterance, default 32 MiB. */
  constructor(options: { maxBytes?: number; spareBytes?: number } = {}) {
    this.#maxBlocks = Math.max(1, Math.floor((options.maxBytes ?? 512 * 1024 * 1024) / BLOCK_BYTES));
    this.#maxSpare = Math.floor((options.spareBytes ?? 32 * 1024 * 1024) / BLOCK_BYTES);
  }

  /** Bytes held by utterances now, for metrics. */
  get usedBytes(): number {
    return this.#used * BLOCK_BYTES;
  }

  enter(holder: BlockHolder): void {
    this.#holders.add(holder);
  }

  leave(holder: BlockHolder): void {
    this.#holders.delete(holder);
    this.#guests.delete(holder);
  }

  /** Takes in a holder whose audio was answered already; false when less than half of the memory is free. */
  enterGuest(guest: BlockHolder): boolean {
    if (this.#used * 2 >= this.#maxBlocks) return false;
    this.#guests.add(guest);
    return true;
  }

  /** A block with undefined content; null when nobody is left to evict. */
  acquire(): Int16Array | null {
    while (this.#used >= this.#maxBlocks) {
      const oldest = this.#guests.values().next().value ?? this.#holders.values().next().value;
      if (!oldest) return null;
      this.leave(oldest);
      oldest.evict();
    }
    this.#used += 1;
    return this.#spare.pop() ?? new Int16Array(BLOCK_SAMPLES);
  }

  release(block: Int16Array): void {
    this.#used -= 1;
    if (this.#spare.length < this.#maxSpare) this.#spare.push(block);
  }
}

/** The audio of one utterance, kept whole until an answer covers it. Appending allocates only at block ends. */
export class UtteranceAudio {
  readonly #pool: BlockPool;
  readonly #blocks: Int16Array[] = [];
  #samples = 0;
  #released = false;

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  /** Samples kept, at 16 kHz. */
  get samples(): number {
    return this.#samples;
  }

  get durationMs(): number {
    return this.#samples / SAMPLES_PER_MS;
  }

  /** Copies `pcm` to the end. False when the audio was released or no memory is left. */
  append(pcm: Int16Array): boolean {
    let from = 0;
    while (from < pcm.length) {
      const offset = this.#samples % BLOCK_SAMPLES;
      if (offset === 0 && !this.#grow()) return false;
      const block = this.#blocks.at(-1);
      if (this.#released || !block) return false;
      const count = Math.min(BLOCK_SAMPLES - offset, pcm.length - from);
      // A view only where the frame does not fit: most frames are copied as they are.
      block.set(count === pcm.length ? pcm : pcm.subarray(from, from + count), offset);
      from += count;
      this.#samples += count;
    }
    return !this.#released;
  }

  /** Fills `target[0…count)` with the samples from `start` on. The caller keeps `start + count` within {@link samples}. */
  copyTo(target: Int16Array, start: number, count: number): void {
    let copied = 0;
    while (copied < count) {
      const at = start + copied;
      const block = this.#blocks[Math.floor(at / BLOCK_SAMPLES)];
      if (!block) return;
      const offset = at % BLOCK_SAMPLES;
      const part = Math.min(BLOCK_SAMPLES - offset, count - copied);
      target.set(block.subarray(offset, offset + part), copied);
      copied += part;
    }
  }

  /** All of it in one array, padded with silence to `minSamples`. */
  toPcm(minSamples = 0): Int16Array {
    const pcm = new Int16Array(Math.max(this.#samples, minSamples));
    this.copyTo(pcm, 0, this.#samples);
    return pcm;
  }

  /** All of it, for somebody else to keep: nothing is copied, and nothing is left here. */
  handedOver(): UtteranceAudio {
    const other = new UtteranceAudio(this.#pool);
    other.#blocks.push(...this.#blocks.splice(0));
    other.#samples = this.#samples;
    this.release();
    return other;
  }

  /** Gives the memory back; idempotent. */
  release(): void {
    this.#released = true;
    for (const block of this.#blocks.splice(0)) this.#pool.release(block);
    this.#samples = 0;
  }

  #grow(): boolean {
    if (this.#released) return false;
    const block = this.#pool.acquire();
    if (!block) return false;
    // Making room may have evicted this very utterance.
    if (this.#released) {
      this.#pool.release(block);
      return false;
    }
    this.#blocks.push(block);
    return true;
  }
}
