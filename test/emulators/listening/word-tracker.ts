import type { Script } from '../../helpers/conversation.ts';
import type { HeardWord } from './index.ts';
import { lengthOf, type SampleRange, union } from './ranges.ts';
import type { Piece } from './similar.ts';

/** Share of a word's samples that must have been given for it to be heard. */
const ENOUGH = 0.8;

/** One word of the script in the reference's samples. */
export interface ReferenceWord {
  text: string;
  startSample: number;
  endSample: number;
}

/** One passing of a word through the audio: what of it was given, and the answer once that is enough. */
interface Passing {
  lag: number;
  /** Reference samples given, joined. */
  given: SampleRange[];
  inputStart: number;
  heard: HeardWord | null;
}

/** Every word of a script, in order, at a sample rate. */
export function wordsOf(script: Script, rateHz: number): ReferenceWord[] {
  const sample = (ms: number) => Math.round((ms / 1000) * rateHz);
  return script.utterances.flatMap(({ words }) =>
    words.map(({ text, startMs, endMs }) => ({ text, startSample: sample(startMs), endSample: sample(endMs) })),
  );
}

/** Turns pieces of the reference into words: those of which enough was given, as often and in the order it was given. */
export class WordTracker {
  readonly #words: ReferenceWord[];
  readonly #rateHz: number;
  readonly #onWord: (index: number, word: HeardWord) => void;
  readonly #passings = new Map<number, Passing>();

  constructor(words: ReferenceWord[], rateHz: number, onWord: (index: number, word: HeardWord) => void) {
    this.#words = words;
    this.#rateHz = rateHz;
    this.#onWord = onWord;
  }

  add({ inputStart, lag, length, score }: Piece): void {
    const from = inputStart + lag;
    const to = from + length;
    for (let index = this.#firstEndingAfter(from); index < this.#words.length; index++) {
      const word = this.#words[index]!;
      if (word.startSample >= to) return;
      this.#give(index, Math.max(from, word.startSample), Math.min(to, word.endSample), lag, score);
    }
  }

  #give(index: number, from: number, to: number, lag: number, score: number): void {
    const word = this.#words[index]!;
    let passing = this.#passings.get(index);
    const end = passing?.given.at(-1)?.endSample ?? 0;
    const goesBack = passing !== undefined && lag !== passing.lag && from < end;
    if (!passing || (goesBack && passing.heard)) {
      passing = { lag, given: [], inputStart: from - lag, heard: null };
      this.#passings.set(index, passing);
    }
    passing.given = union([...passing.given, { startSample: from, endSample: to }]);
    passing.lag = lag;
    const enough = lengthOf(passing.given) >= ENOUGH * (word.endSample - word.startSample);
    if (enough && !passing.heard) passing.heard = this.#hear(index, passing, score);
  }

  #hear(index: number, passing: Passing, score: number): HeardWord {
    const word = this.#words[index]!;
    const heard = {
      text: word.text,
      startMs: this.#ms(Math.max(passing.inputStart, 0)),
      endMs: this.#ms(word.endSample - passing.lag),
      confidence: Math.min(0.99, Math.round(score * 100) / 100),
    };
    this.#onWord(index, heard);
    return heard;
  }

  #ms(sample: number): number {
    return Math.round((sample / this.#rateHz) * 1000);
  }

  #firstEndingAfter(sample: number): number {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#words[middle]!.endSample <= sample) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
