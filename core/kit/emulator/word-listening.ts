import { type Heard, type HeardStream, type HeardWord, heardOf, type Listening } from './listening.ts';

/**
 * The simplest listener for tests of the wire: half a second of the constant level n × 100 is the word `pn`, zero is
 * silence. A word is heard when 80 % of its half second is there.
 */
export const wordListening: Listening = {
  transcribe(pcm, sampleRateHz) {
    const stream = new WordStream(sampleRateHz);
    stream.push(pcm);
    return stream.take();
  },
  openStream: (sampleRateHz) => new WordStream(sampleRateHz),
};

class WordStream implements HeardStream {
  readonly #block: number;
  readonly #rate: number;
  #level = 0;
  #filled = 0;
  #position = 0;
  #heard = false;
  #words: HeardWord[] = [];

  constructor(sampleRateHz: number) {
    this.#rate = sampleRateHz;
    this.#block = sampleRateHz / 2;
  }

  push(pcm: Int16Array): void {
    for (const sample of pcm) {
      if (this.#filled === 0) this.#level = Math.round(sample / 100);
      this.#filled++;
      this.#position++;
      if (!this.#heard && this.#level > 0 && this.#filled >= this.#block * 0.8) this.#hear();
      if (this.#filled === this.#block) {
        this.#filled = 0;
        this.#heard = false;
      }
    }
  }

  partial(): string {
    return heardOf(this.#words).text;
  }

  take(): Heard {
    const words = this.#words;
    this.#words = [];
    return heardOf(words);
  }

  #hear(): void {
    this.#heard = true;
    const startMs = ((this.#position - this.#filled) / this.#rate) * 1000;
    this.#words.push({ text: `p${this.#level}`, startMs, endMs: startMs + 500, confidence: 0.9 });
  }
}
