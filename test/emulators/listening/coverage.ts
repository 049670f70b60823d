import type { Script } from '../../helpers/conversation.ts';
import { Aligner } from './aligner.ts';
import { Correlator } from './correlator.ts';
import { type Heard, type HeardStream, type HeardWord, heardOf, type Listening } from './index.ts';
import { type CoverageReport, Ledger, type ReportOptions } from './ledger.ts';
import type { SampleRange } from './ranges.ts';
import type { Piece } from './similar.ts';
import { ToRate } from './to-rate.ts';
import { WindowIndex } from './window-index.ts';
import { type ReferenceWord, WordTracker, wordsOf } from './word-tracker.ts';

export const REFERENCE_RATE_HZ = 16_000;

/** The reference decode of a conversation, indexed once and shared by any number of {@link Coverage} listeners. */
export class CoverageReference {
  readonly pcm: Int16Array;
  readonly words: ReferenceWord[];
  /** One range per utterance, from its first word to its last. */
  readonly speech: SampleRange[];
  readonly index: WindowIndex;
  #correlator: Correlator | undefined;

  /** `pcm` is 16 kHz mono; the script's times are those of `pcm`. */
  constructor(pcm: Int16Array, script: Script) {
    this.pcm = pcm;
    this.words = wordsOf(script, REFERENCE_RATE_HZ);
    this.speech = script.utterances.map(({ startMs, endMs }) => ({
      startSample: Math.round((startMs * REFERENCE_RATE_HZ) / 1000),
      endSample: Math.round((endMs * REFERENCE_RATE_HZ) / 1000),
    }));
    this.index = new WindowIndex(pcm);
  }

  /** Made at the first use: tests on bit-identical audio never need it. */
  correlator(): Correlator {
    this.#correlator ??= new Correlator(this.pcm);
    return this.#correlator;
  }
}

/** One piece of the reference found in audio that was given. */
export interface HeardRange extends SampleRange {
  /** First sample of it in the audio given. */
  inputSample: number;
  /** 1 when bit-identical. */
  score: number;
}

export interface CoverageHeard extends Heard {
  /** In the order of the input; the same lag goes on within one range. */
  ranges: HeardRange[];
  /** Parts of the input (16 kHz samples) that are nowhere in the reference. */
  unknown: SampleRange[];
}

/**
 * A listener that cannot be fooled: it answers only with words of which at least 80 % was given, as often and in the
 * order they were given, and keeps account of every sample. One ledger over all its calls and streams.
 */
export class Coverage implements Listening {
  readonly reference: CoverageReference;
  readonly #ledger: Ledger;

  constructor(reference: CoverageReference) {
    this.reference = reference;
    this.#ledger = new Ledger(reference.pcm.length, reference.words, reference.speech);
  }

  transcribe(pcm: Int16Array, sampleRateHz: number): CoverageHeard {
    const stream = this.openStream(sampleRateHz);
    stream.push(pcm);
    return stream.take();
  }

  /** {@link transcribe} at the core's own rate. */
  hear(pcm: Int16Array): CoverageHeard {
    return this.transcribe(pcm, REFERENCE_RATE_HZ);
  }

  openStream(sampleRateHz: number): CoverageStream {
    return new CoverageStream(this.reference, this.#ledger, sampleRateHz);
  }

  report(options?: ReportOptions): CoverageReport {
    return this.#ledger.report(options);
  }

  /** Forgets what was heard so far. */
  clear(): void {
    this.#ledger.clear();
  }
}

export class CoverageStream implements HeardStream {
  readonly #ledger: Ledger;
  readonly #aligner: Aligner;
  readonly #tracker: WordTracker;
  readonly #toRate: ToRate;
  #words: HeardWord[] = [];
  #ranges: HeardRange[] = [];
  #unknown: SampleRange[] = [];

  constructor(reference: CoverageReference, ledger: Ledger, sampleRateHz: number) {
    this.#ledger = ledger;
    this.#toRate = new ToRate(sampleRateHz, REFERENCE_RATE_HZ);
    this.#tracker = new WordTracker(reference.words, REFERENCE_RATE_HZ, (index, word) => {
      this.#words.push(word);
      ledger.word(index);
    });
    this.#aligner = new Aligner(reference.index, () => reference.correlator(), {
      piece: (piece) => this.#piece(piece),
      unknown: (inputStart, length) => this.#miss(inputStart, length),
    });
  }

  push(pcm: Int16Array): void {
    this.#aligner.push(this.#toRate.convert(pcm));
  }

  partial(): string {
    return heardOf(this.#words).text;
  }

  take(): CoverageHeard {
    this.#aligner.flush();
    const heard = { ...heardOf(this.#words), ranges: this.#ranges, unknown: this.#unknown };
    const pushedMs = (this.#aligner.inputSamples / REFERENCE_RATE_HZ) * 1000;
    for (const word of heard.words) word.endMs = Math.min(word.endMs, Math.round(pushedMs));
    this.#words = [];
    this.#ranges = [];
    this.#unknown = [];
    return heard;
  }

  #piece(piece: Piece): void {
    const startSample = piece.inputStart + piece.lag;
    this.#ledger.samples(startSample, piece.length);
    this.#tracker.add(piece);
    const last = this.#ranges.at(-1);
    const goesOn = last && last.endSample === startSample && last.startSample - last.inputSample === piece.lag;
    if (goesOn) {
      last.score = Math.min(last.score, piece.score);
      last.endSample += piece.length;
    } else {
      const endSample = startSample + piece.length;
      this.#ranges.push({ startSample, endSample, inputSample: piece.inputStart, score: piece.score });
    }
  }

  #miss(inputStart: number, length: number): void {
    this.#ledger.unknown(length);
    const last = this.#unknown.at(-1);
    if (last?.endSample === inputStart) last.endSample += length;
    else this.#unknown.push({ startSample: inputStart, endSample: inputStart + length });
  }
}
