import { runsWhere, type SampleRange, subtract, union } from './ranges.ts';
import type { ReferenceWord } from './word-tracker.ts';

export interface ReportOptions {
  /** What to account for, in reference samples; default: the script's utterances, from first word to last. */
  within?: SampleRange[];
  /** Heard twice with good reason: the overlap of a forced cut, a replay. */
  allowTwice?: SampleRange[];
  /** Shorter ranges are left out; default 16 (1 ms). */
  minSamples?: number;
}

/** What all calls together heard of the conversation. Samples are of the reference, at 16 kHz. */
export interface CoverageReport {
  heard: SampleRange[];
  missing: SampleRange[];
  /** Heard at least twice and not allowed to be. */
  heardTwice: SampleRange[];
  /** Of `within`: words no answer gave, and words that more than one answer gave (`text` as the script writes it). */
  wordsNeverHeard: string[];
  wordsHeardTwice: string[];
  /** Samples of input that are nowhere in the reference. */
  unknownSamples: number;
}

/** Counts how often each sample and each word of the reference was heard. */
export class Ledger {
  readonly #samples: Uint8Array;
  readonly #words: ReferenceWord[];
  readonly #timesHeard: Uint16Array;
  readonly #speech: SampleRange[];
  #unknownSamples = 0;

  constructor(samples: number, words: ReferenceWord[], speech: SampleRange[]) {
    this.#samples = new Uint8Array(samples);
    this.#words = words;
    this.#timesHeard = new Uint16Array(words.length);
    this.#speech = speech;
  }

  samples(from: number, length: number): void {
    const to = Math.min(from + length, this.#samples.length);
    for (let at = Math.max(0, from); at < to; at++) if (this.#samples[at]! < 255) this.#samples[at]!++;
  }

  word(index: number): void {
    this.#timesHeard[index]!++;
  }

  unknown(samples: number): void {
    this.#unknownSamples += samples;
  }

  clear(): void {
    this.#samples.fill(0);
    this.#timesHeard.fill(0);
    this.#unknownSamples = 0;
  }

  report({ within = this.#speech, allowTwice = [], minSamples = 16 }: ReportOptions = {}): CoverageReport {
    const parts = union(within);
    const runs = (holds: (times: number) => boolean) =>
      parts.flatMap((part) => runsWhere(part.startSample, part.endSample, (at) => holds(this.#samples[at] ?? 0)));
    const long = (ranges: SampleRange[]) => ranges.filter((one) => one.endSample - one.startSample >= minSamples);
    const words = this.#words.map((word, index) => ({ ...word, times: this.#timesHeard[index]! }));
    const inside = words.filter((word) => isInside(word, parts));
    const texts = (chosen: typeof inside) => chosen.map((word) => word.text);
    return {
      heard: long(runs((times) => times > 0)),
      missing: long(runs((times) => times === 0)),
      heardTwice: long(
        subtract(
          runs((times) => times > 1),
          allowTwice,
        ),
      ),
      wordsNeverHeard: texts(inside.filter((word) => word.times === 0)),
      wordsHeardTwice: texts(inside.filter((word) => word.times > 1 && !isInside(word, union(allowTwice)))),
      unknownSamples: this.#unknownSamples,
    };
  }
}

/** Whether at least 80 % of the word lies in the ranges. */
function isInside(word: ReferenceWord, ranges: SampleRange[]): boolean {
  const length = word.endSample - word.startSample;
  const covered = ranges.reduce((sum, range) => {
    const overlap = Math.min(word.endSample, range.endSample) - Math.max(word.startSample, range.startSample);
    return sum + Math.max(0, overlap);
  }, 0);
  return covered >= 0.8 * length;
}
