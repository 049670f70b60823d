/** Reads blocks out of `data[0, length)`; says how many bytes are done with, and how many it must see from there on. */
export type ReadBlocks = (data: Uint8Array, length: number) => { used: number; needed: number };

/**
 * Lets a parser read whole blocks out of pieces of any size. What came whole is read where it lies, without a copy; only
 * the beginning of a block that goes on in the next piece is kept, never more than `maxBytes`.
 */
export class Carry {
  readonly #read: ReadBlocks;
  readonly #maxBytes: number;
  #kept = new Uint8Array(0);
  #length = 0;
  #needed = 1;
  #closed = false;
  #done = 0;

  constructor(read: ReadBlocks, maxBytes: number) {
    this.#read = read;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes done with: where, counted from the first one pushed, what is being read begins. */
  get done(): number {
    return this.#done;
  }

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (!this.#closed && this.#length > 0 && rest.length > 0) {
      const take = Math.min(Math.max(this.#needed - this.#length, 1), rest.length);
      this.#append(rest.subarray(0, take));
      rest = rest.subarray(take);
      if (this.#length >= this.#needed) this.#readKept();
    }
    if (this.#closed || rest.length === 0) return;
    const { used, needed } = this.#read(rest, rest.length);
    this.#needed = needed;
    this.#done += used;
    if (!this.#closed) this.#append(rest.subarray(used));
  }

  /** Gives up the first `count` bytes of what is kept, and reads what is behind them. */
  drop(count: number): void {
    const dropped = Math.min(count, this.#length);
    this.#kept.copyWithin(0, dropped, this.#length);
    this.#length -= dropped;
    this.#done += dropped;
    if (this.#length > 0) this.#readKept();
  }

  /** Forgets what is kept, as if it had never been pushed. Returns its length. */
  rewind(): number {
    const length = this.#length;
    this.#length = 0;
    this.#needed = 1;
    return length;
  }

  /** Drops what is kept and takes nothing more; may be called by the parser while it reads. */
  close(): void {
    this.#closed = true;
    this.#length = 0;
  }

  #readKept(): void {
    const { used, needed } = this.#read(this.#kept, this.#length);
    if (this.#closed) return;
    this.#kept.copyWithin(0, used, this.#length);
    this.#length -= used;
    this.#done += used;
    this.#needed = needed;
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#maxBytes) throw new RangeError('a block larger than its parser allows');
    if (length > this.#kept.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, this.#kept.length * 2, 1024)));
      grown.set(this.#kept.subarray(0, this.#length));
      this.#kept = grown;
    }
    this.#kept.set(bytes, this.#length);
    this.#length = length;
  }
}
