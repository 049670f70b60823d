import type { ShadowPair } from '../store/replay.ts';
import type { RoutedUtterance } from '../store/routed-utterances.ts';
import { Histogram } from './histogram.ts';
import { wordErrors } from './word-error-rate.ts';

/** What an address costs for a length of speech on a day, at list price; null: nobody knows. */
export type ListPrice = (
  address: string,
  mode: 'batch' | 'stream',
  spoken: { durationMs: number; atMs: number },
) => number | null;

/** How one provider did with what it answered. */
export interface ProviderFigure {
  /** Null: nobody answered. */
  address: string | null;
  utterances: number;
  /** Of all utterances, 0 to 1. */
  share: number;
  speechMinutes: number;
  costMicroUsd: number;
  /** Billed by the minute of speech; null: none was heard. */
  microUsdPerMinute: number | null;
  /** From the end of speech to the text, where both times are known. */
  latencyMs: { p50: number; p95: number; known: number } | null;
  /** What counters said of the cards: `aceito` among `aceito`, `recusado` and `ignorado`; null: nothing was said. */
  acceptance: { rate: number; of: number } | null;
  /**
   * Words that differ from those of whoever heard the same, per word of the answer: neither of them is the truth, so it
   * says how far apart they are. Null: nobody heard the same.
   */
  shadow: { rate: number | null; utterances: number; words: number } | null;
}

/** What routing saved, at list prices of the day. */
export interface Saving {
  /** Utterances with a price for who answered and for at least one other candidate. */
  utterances: number;
  /** Of all utterances, 0 to 1. */
  known: number;
  chosenMicroUsd: number;
  dearestMicroUsd: number;
  savedMicroUsd: number;
}

interface Totals {
  utterances: number;
  durationMs: number;
  microUsd: number;
  latency: Histogram;
  accepted: number;
  judged: number;
  compared: number;
  words: number;
  errors: number;
}

/** Figures of providers, gathered utterance by utterance. */
export class ProviderFigures {
  readonly #price: ListPrice;
  readonly #totals = new Map<string | null, Totals>();
  #utterances = 0;
  #priced = 0;
  #chosen = 0;
  #dearest = 0;

  constructor(price: ListPrice) {
    this.#price = price;
  }

  get utterances(): number {
    return this.#utterances;
  }

  add(row: RoutedUtterance): void {
    const totals = this.#of(row.address);
    this.#utterances += 1;
    totals.utterances += 1;
    totals.durationMs += row.durationMs;
    totals.microUsd += row.costMicroUsd;
    if (row.latencyMs !== null && row.latencyMs >= 0) totals.latency.add(row.latencyMs, 1);
    if (row.feedback === 'aceito') totals.accepted += 1;
    if (row.feedback === 'aceito' || row.feedback === 'recusado' || row.feedback === 'ignorado') totals.judged += 1;
    this.#save(row);
  }

  /** A second hearing of the same utterance says something of both. */
  compare({ answerProvider, provider, answered, heard, outcome }: ShadowPair): void {
    if (heard === null || outcome === 'failed' || outcome === 'aborted') return;
    const { errors, words } = wordErrors(answered, heard);
    for (const address of [answerProvider, provider]) {
      const totals = this.#of(address);
      totals.compared += 1;
      totals.words += words;
      totals.errors += errors;
    }
  }

  /** The most used first. */
  providers(): ProviderFigure[] {
    const sorted = [...this.#totals].sort(([, a], [, b]) => b.utterances - a.utterances);
    return sorted.map(([address, totals]) => this.#figure(address, totals));
  }

  saving(): Saving {
    return {
      utterances: this.#priced,
      known: this.#utterances > 0 ? this.#priced / this.#utterances : 0,
      chosenMicroUsd: Math.round(this.#chosen),
      dearestMicroUsd: Math.round(this.#dearest),
      savedMicroUsd: Math.round(this.#dearest - this.#chosen),
    };
  }

  /** The dearest that the stored decision might have taken, against the one that answered. */
  #save({ address, mode, candidates, durationMs, atMs }: RoutedUtterance): void {
    if (address === null || !Array.isArray(candidates)) return;
    const asked = mode === 'stream' ? 'stream' : 'batch';
    const chosen = this.#price(address, asked, { durationMs, atMs });
    if (chosen === null) return;
    const others = candidates.flatMap((each) => {
      const price = each === address ? null : this.#price(each, asked, { durationMs, atMs });
      return price === null ? [] : [price];
    });
    if (others.length === 0) return;
    this.#priced += 1;
    this.#chosen += chosen;
    this.#dearest += Math.max(chosen, ...others);
  }

  #figure(address: string | null, totals: Totals): ProviderFigure {
    const { utterances, durationMs, microUsd, latency, accepted, judged, compared, words, errors } = totals;
    const speechMinutes = durationMs / 60_000;
    const [p50, p95] = [latency.quantile(0.5, false), latency.quantile(0.95, false)];
    return {
      address,
      utterances,
      share: this.#utterances > 0 ? utterances / this.#utterances : 0,
      speechMinutes,
      costMicroUsd: microUsd,
      microUsdPerMinute: speechMinutes > 0 ? microUsd / speechMinutes : null,
      latencyMs: p50 && p95 ? { p50: p50.value, p95: p95.value, known: latency.count } : null,
      acceptance: judged > 0 ? { rate: accepted / judged, of: judged } : null,
      shadow: compared > 0 ? { rate: words > 0 ? errors / words : null, utterances: compared, words } : null,
    };
  }

  #of(address: string | null): Totals {
    let totals = this.#totals.get(address);
    if (!totals) {
      const none = { utterances: 0, durationMs: 0, microUsd: 0, accepted: 0, judged: 0, compared: 0 };
      totals = { ...none, words: 0, errors: 0, latency: new Histogram() };
      this.#totals.set(address, totals);
    }
    return totals;
  }
}
