/** The part of a stream that is still needed, addressed by the stream's own sample positions. */
export class SampleBuffer {
  #storage = new Int16Array(16_384);
  #length = 0;
  #base = 0;

  /** Stream position of `samples[0]`. */
  get base(): number {
    return this.#base;
  }

  /** Stream position after the last sample. */
  get end(): number {
    return this.#base + this.#length;
  }

  /** A view, valid until the next `append` or `dropBefore`. */
  get samples(): Int16Array {
    return this.#storage.subarray(0, this.#length);
  }

  append(pcm: Int16Array): void {
    const needed = this.#length + pcm.length;
    if (needed > this.#storage.length) {
      const larger = new Int16Array(Math.max(needed, this.#storage.length * 2));
      larger.set(this.samples);
      this.#storage = larger;
    }
    this.#storage.set(pcm, this.#length);
    this.#length = needed;
  }

  dropBefore(position: number): void {
    const dropped = Math.min(Math.max(0, position - this.#base), this.#length);
    if (dropped === 0) return;
    this.#storage.copyWithin(0, dropped, this.#length);
    this.#length -= dropped;
    this.#base += dropped;
  }
}
