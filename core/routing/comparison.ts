import type { ShadowPair } from '../store/replay.ts';
import { Histogram, type Quantile } from './histogram.ts';
import { wordErrors } from './word-error-rate.ts';

/** What one service heard of utterances that another one answered. */
export interface Compared {
  /** Who answered the counter: the reference. It may be wrong too. */
  answerProvider: string;
  /** Who heard the same, for comparison only. */
  provider: string;
  utterances: number;
  /** Of them, those it answered, with words or without. */
  answered: number;
  failed: number;
  /** Words of the reference, where both answered. */
  words: number;
  /** Errors per word of the reference; null: there were none. */
  wordErrorRate: number | null;
  /** It said "nothing" where the other heard words. */
  empty: number;
  /** From request to answer. */
  latencyMs: { median: Quantile; p95: Quantile } | null;
}

interface Tally {
  answerProvider: string;
  provider: string;
  utterances: number;
  answered: number;
  failed: number;
  words: number;
  errors: number;
  empty: number;
  latency: Histogram;
}

/** Comparisons gathered by who answered and who was compared. */
export class Comparison {
  readonly #tallies = new Map<string, Tally>();

  add(pair: ShadowPair): void {
    const tally = this.#tally(pair);
    tally.utterances += 1;
    if (pair.outcome === 'failed') tally.failed += 1;
    if (pair.heard === null || pair.outcome === 'failed' || pair.outcome === 'aborted') return;
    const { errors, words } = wordErrors(pair.answered, pair.heard);
    tally.answered += 1;
    tally.words += words;
    tally.errors += errors;
    if (pair.outcome === 'empty' && words > 0) tally.empty += 1;
    tally.latency.add(pair.durationMs, 1);
  }

  result(): Compared[] {
    return [...this.#tallies.values()].map(({ latency, errors, ...tally }) => {
      const [median, p95] = [latency.quantile(0.5, false), latency.quantile(0.95, false)];
      const wordErrorRate = tally.words > 0 ? errors / tally.words : null;
      return { ...tally, wordErrorRate, latencyMs: median && p95 ? { median, p95 } : null };
    });
  }

  #tally({ answerProvider, provider }: ShadowPair): Tally {
    const key = `${answerProvider} ${provider}`;
    let tally = this.#tallies.get(key);
    if (!tally) {
      const none = { utterances: 0, answered: 0, failed: 0, words: 0, errors: 0, empty: 0 };
      tally = { answerProvider, provider, ...none, latency: new Histogram() };
      this.#tallies.set(key, tally);
    }
    return tally;
  }
}
