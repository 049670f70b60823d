import type { HeaderKind } from './header-scanner.ts';

const SLAB_BYTES = 16_384;

/** A stretch of bytes, or the news that the next byte begins a header. */
export type StreamItem = Uint8Array | HeaderKind;

interface Slab {
  bytes: Uint8Array;
  length: number;
}

/**
 * Keeps a stream in order while its decoder is being made. Bytes are copied together into slabs: a peer that sends a
 * byte a frame takes no more memory than one that sends a megabyte.
 */
export class WaitingQueue {
  readonly #items: (Slab | HeaderKind)[] = [];
  readonly #maxBytes: number;
  bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False when there is no room left: then nothing of `item` is kept. */
  push(item: StreamItem): boolean {
    if (typeof item === 'string') {
      this.#items.push(item);
      return true;
    }
    if (this.bytes + item.length > this.#maxBytes) return false;
    this.bytes += item.length;
    let slab = this.#items.at(-1);
    if (slab === undefined || typeof slab === 'string' || slab.length + item.length > slab.bytes.length) {
      slab = { bytes: new Uint8Array(Math.max(SLAB_BYTES, item.length)), length: 0 };
      this.#items.push(slab);
    }
    slab.bytes.set(item, slab.length);
    slab.length += item.length;
    return true;
  }

  /** The oldest item, taken out. */
  shift(): StreamItem | undefined {
    const item = this.#items.shift();
    if (item === undefined || typeof item === 'string') return item;
    this.bytes -= item.length;
    return item.bytes.subarray(0, item.length);
  }

  clear(): void {
    this.#items.length = 0;
    this.bytes = 0;
  }
}
