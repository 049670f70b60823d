import type { Clock } from './contracts/index.ts';
import type { ComparedProviders } from './http/options.ts';
import type { Configuration } from './routing/client-config.ts';
import { type ListPrice, ProviderFigures } from './routing/provider-figures.ts';
import { modelOf } from './runtime/instances.ts';
import type { PriceBook } from './runtime/prices.ts';
import type { Database } from './store/database.ts';
import type { Replay, ReplayPeriod } from './store/replay.ts';
import { type RoutedPage, routedUtterances } from './store/routed-utterances.ts';

/** Utterances one comparison looks at, the newest ones; as many second hearings. */
const MOST_UTTERANCES = 50_000;
/** How long a comparison stands: several people look at the same page. */
const KEPT_MS = 30_000;
const MOST_KEPT = 20;

export interface ComparisonParts {
  db: Database;
  replay: Pick<Replay, 'shadows'>;
  prices: Pick<PriceBook, 'knows' | 'costsMicroUsd'>;
  configuration: Pick<Configuration, 'for'>;
  clock: Pick<Clock, 'now'>;
  /** Default 50,000. */
  mostUtterances?: number;
}

/** Compares providers by what is stored: one comparison at a time, the last ones kept for half a minute. */
export class ProviderComparisons {
  readonly #parts: ComparisonParts;
  readonly #kept = new Map<string, { atMs: number; answer: Promise<ComparedProviders> }>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /** @param signal gives up a comparison that nobody has begun to wait for yet, and this one. */
  compare(period: ReplayPeriod, signal: AbortSignal): Promise<ComparedProviders> {
    const nowMs = this.#parts.clock.now();
    for (const [key, { atMs }] of this.#kept) if (nowMs - atMs > KEPT_MS) this.#kept.delete(key);
    const key = `${period.clientId ?? ''} ${period.from.toISOString()} ${period.to.toISOString()}`;
    const kept = this.#kept.get(key);
    if (kept) return kept.answer;
    const answer = this.#last.then(() => this.#compare(period, signal));
    this.#last = answer.catch(() => {});
    answer.catch(() => this.#kept.delete(key));
    if (this.#kept.size < MOST_KEPT) this.#kept.set(key, { atMs: nowMs, answer });
    return answer;
  }

  async #compare(period: ReplayPeriod, signal: AbortSignal): Promise<ComparedProviders> {
    const { db, replay, mostUtterances = MOST_UTTERANCES } = this.#parts;
    const figures = new ProviderFigures(this.#listPrice(period.clientId));
    let since = period.from;
    let isAll = true;
    for (let after: RoutedPage['next'] = null; ; ) {
      signal.throwIfAborted();
      const page: RoutedPage = await routedUtterances(db, period, after);
      for (const each of page.utterances) figures.add(each);
      if (!page.next) break;
      after = page.next;
      if (figures.utterances < mostUtterances) continue;
      isAll = false;
      since = page.next.at;
      break;
    }
    let compared = 0;
    for (let after: number | null = 0; after !== null && compared < mostUtterances; ) {
      signal.throwIfAborted();
      const page: Awaited<ReturnType<Replay['shadows']>> = await replay.shadows({ ...period, from: since }, after);
      for (const pair of page.pairs) figures.compare(pair);
      compared += page.pairs.length;
      after = page.next;
    }
    return {
      utterances: figures.utterances,
      since,
      isAll,
      providers: figures.providers(),
      saving: figures.saving(),
    };
  }

  /** By the list of the day it was said on; an address without a model stands for the one it has here now. */
  #listPrice(clientId: string | null): ListPrice {
    const { prices, configuration } = this.#parts;
    const effective = configuration.for(clientId ?? '', null);
    const models = new Map<string, string>();
    const modelAt = (address: string): string => {
      const configured = effective.provider(address);
      const model = configured ? modelOf(configured) : address.split(':').slice(1).join(':');
      models.set(address, model);
      return model;
    };
    return (address, mode, { durationMs, atMs }) => {
      const model = models.get(address) ?? modelAt(address);
      const used = { unit: 'second', quantity: durationMs / 1000, of: 'audio_in', model } as const;
      const at = new Date(atMs);
      const known = ([mode, mode === 'stream' ? 'batch' : 'stream'] as const).find((each) =>
        prices.knows(address, each, used, at),
      );
      return known === undefined ? null : (prices.costsMicroUsd(address, known, [used], at)[0] ?? 0);
    };
  }
}
