/**
 * Brings a stream to another rate by linear interpolation: good enough to be recognised by correlation, which is all
 * the emulators need of a rate other than the reference's. State is carried over pushes.
 */
export class ToRate {
  readonly #step: number;
  /** Position of the next output sample, in input samples from the start of the next push; −1 is the last one seen. */
  #position = 0;
  #last = 0;

  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz;
  }

  convert(pcm: Int16Array): Int16Array {
    if (this.#step === 1 || pcm.length === 0) return pcm;
    const count = Math.max(0, Math.floor((pcm.length - 1 - this.#position) / this.#step) + 1);
    const output = new Int16Array(count);
    for (let index = 0; index < count; index++) {
      const position = this.#position + index * this.#step;
      const left = Math.floor(position);
      const before = left < 0 ? this.#last : pcm[left]!;
      const behind = pcm[Math.min(left + 1, pcm.length - 1)]!;
      output[index] = Math.round(before + (behind - before) * (position - left));
    }
    this.#position += count * this.#step - pcm.length;
    this.#last = pcm[pcm.length - 1]!;
    return output;
  }
}
