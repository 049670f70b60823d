import { readFileSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { BaltoError, type Clock, type Log, type Usage } from '../contracts/index.ts';
import { fingerprintOf } from '../registry/configured.ts';
import { localDay } from '../wall-clock.ts';
import { Exchange, Price, type PriceList } from './price.ts';

const PriceFile = Type.Object(
  {
    version: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    exchange: Type.Optional(Type.Array(Exchange)),
    prices: Type.Array(Price),
  },
  { additionalProperties: false },
);

/** What things are compared by where their prices are of different kinds. Some vendors bill speech in tokens, 10 a second. */
const USUAL_SPEECH = [
  { of: 'audio_in', unit: 'second', quantity: 60 },
  { of: 'audio_in', unit: 'token', quantity: 600 },
  { of: 'text_out', unit: 'token', quantity: 200 },
] as const;
const USUAL_QUESTION = [
  { of: 'text_in', unit: 'token', quantity: 2000 },
  { of: 'text_out', unit: 'token', quantity: 200 },
] as const;

/** What is remembered of prices that were asked for and not found. */
const MAX_MISSING = 200;

/**
 * Prices by provider and model, dated: those that ship with Balto, and over them those of the configuration. Amounts are
 * integer millionths of a US dollar.
 */
export class PriceBook {
  readonly #file: Static<typeof PriceFile>;
  readonly #clock: Pick<Clock, 'date'>;
  readonly #log: Log;
  readonly #missing = new Set<string>();
  #version: string;
  #prices: Price[];
  #exchange: Exchange[];

  /** `data` as `config/prices.json` holds it. Throws BALTO_PRICES_INVALID with the field named. */
  constructor(data: unknown, options: { clock: Pick<Clock, 'date'>; log: Log }) {
    if (!Value.Check(PriceFile, data)) throw invalid(Value.Errors(PriceFile, data)[0]?.instancePath);
    this.#file = data;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#version = data.version;
    this.#prices = newestFirst(data.prices);
    this.#exchange = newestFirst(data.exchange ?? []);
  }

  /** Date of the file, and what the configuration makes of it (`2026-11-21+3f9a1c2b`): stored with each billed thing. */
  get version(): string {
    return this.#version;
  }

  /** The prices themselves, to be kept with the ledger that was billed by them. */
  get prices(): readonly Readonly<Price>[] {
    return this.#prices;
  }

  /** The rates of exchange, newest first. */
  get rates(): readonly Readonly<Exchange>[] {
    return this.#exchange;
  }

  /**
   * Puts the configuration's own prices over the file's: of two for the same thing from the same day, the configuration's.
   * @param list null: the file's alone.
   */
  use(list: PriceList | null): void {
    const { prices, exchange = [] } = this.#file;
    // The same in every process that holds the same list, whenever it came to know it.
    this.#version = list ? `${this.#file.version}+${fingerprintOf(list).slice(0, 8)}` : this.#file.version;
    // The sort is stable: what stands first goes first among those of one day.
    this.#prices = newestFirst(list ? [...list.prices, ...prices.filter((each) => !supersedes(list, each))] : prices);
    this.#exchange = newestFirst([...(list?.exchange ?? []), ...exchange]);
  }

  /**
   * What one attempt cost, in micro-USD, rounded once. A thing without a price costs 0 and is said aloud once, so that
   * nobody takes "free" for "unknown".
   */
  costMicroUsd(address: string, mode: 'batch' | 'stream', usage: readonly Usage[]): number {
    return this.costsMicroUsd(address, mode, usage).reduce((sum, cost) => sum + cost, 0);
  }

  /** The same, one amount per billed thing: integers that add up to the rounded whole. `at`: when it was consumed; default now. */
  costsMicroUsd(
    address: string,
    mode: 'batch' | 'stream',
    usage: readonly Usage[],
    at: Date = this.#clock.date(),
  ): number[] {
    const provider = address.split(':', 1)[0] ?? address;
    const day = localDay(at);
    let total = 0;
    return usage.map((used) => {
      const before = Math.round(total);
      total += this.#exactly(provider, mode, used, day);
      return Math.round(total) - before;
    });
  }

  /** What a minute of speech or a usual question to a model costs today, in micro-USD; null: it has no price. */
  estimateMicroUsd(address: string, mode: 'batch' | 'stream', model: string): number | null {
    const provider = address.split(':', 1)[0] ?? address;
    const day = localDay(this.#clock.date());
    const usual = provider.startsWith('stt/') ? USUAL_SPEECH : USUAL_QUESTION;
    const costs = usual.flatMap((each) => {
      const used = { ...each, model };
      const price = this.#find(provider, mode, used, day);
      return price ? [exactly(price, used)] : [];
    });
    return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  }

  /** Whether there is a price for such a thing, be it 0. `at`: when it was consumed. */
  knows(address: string, mode: 'batch' | 'stream', used: Usage, at: Date): boolean {
    const provider = address.split(':', 1)[0] ?? address;
    return this.#find(provider, mode, used, localDay(at)) !== undefined;
  }

  /** Reais for a dollar as of today, with the day the rate is of; null where the book has none yet. */
  exchange(): { brlPerUsd: number; from: string; source: string } | null {
    const today = localDay(this.#clock.date());
    return this.#exchange.find(({ from }) => from <= today) ?? null;
  }

  #exactly(provider: string, mode: 'batch' | 'stream', used: Usage, day: string): number {
    if (!(used.quantity > 0) || !Number.isFinite(used.quantity)) return 0;
    const price = this.#find(provider, mode, used, day);
    if (price) return exactly(price, used);
    this.#sayMissing(provider, used);
    return 0;
  }

  #find(provider: string, mode: 'batch' | 'stream', used: Usage, day: string): Price | undefined {
    const possible = this.#prices.filter(
      (price) =>
        price.provider === provider &&
        reportedUnit(price) === used.unit &&
        (price.mode === undefined || price.mode === mode) &&
        price.from <= day,
    );
    const priced = bestModel(possible, used.of, used.model);
    // Without a price of their own, cached tokens are billed like the rest.
    return priced ?? (used.of === 'text_in_cached' ? bestModel(possible, 'text_in', used.model) : undefined);
  }

  #sayMissing(provider: string, used: Usage): void {
    const key = `${provider} ${used.model} ${used.of}`;
    if (this.#missing.has(key) || this.#missing.size >= MAX_MISSING) return;
    this.#missing.add(key);
    this.#log.warn({ provider, model: used.model.slice(0, 100), of: used.of }, 'no price known: counted as 0');
  }
}

/** Reads the price book that ships with Balto, or the operator's own file. Throws as the constructor does. */
export function loadPrices(options: { clock: Pick<Clock, 'date'>; log: Log; file?: string | URL }): PriceBook {
  const file = options.file ?? new URL('../../config/prices.json', import.meta.url);
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(undefined, error);
  }
  return new PriceBook(data, options);
}

/** Newest first: of several that hold, the one that began last. */
function newestFirst<T extends { from: string }>(dated: readonly T[]): T[] {
  return [...dated].sort((a, b) => b.from.localeCompare(a.from));
}

function supersedes(list: PriceList, other: Price): boolean {
  const { provider, model, mode, of, from } = other;
  const unit = reportedUnit(other);
  return list.prices.some(
    (price) =>
      price.provider === provider &&
      price.model === model &&
      price.of === of &&
      price.from === from &&
      reportedUnit(price) === unit &&
      (price.mode === undefined || price.mode === mode),
  );
}

/** The most exact name wins: the model itself, then the longest name it is a version of, then any. */
function bestModel(prices: readonly Price[], of: string, model: string): Price | undefined {
  let best: Price | undefined;
  for (const price of prices) {
    if (price.of !== of || !covers(price.model, model)) continue;
    if (!best || rank(price.model) > rank(best.model)) best = price;
  }
  return best;
}

function covers(name: string, model: string): boolean {
  return name === '*' || name === model || (model.startsWith(name) && /^[-:@]\d/.test(model.slice(name.length)));
}

function rank(name: string): number {
  return name === '*' ? 0 : name.length;
}

/** What providers count in where the vendor bills minutes. */
function reportedUnit({ unit }: Price): string {
  return unit === 'minute' ? 'second' : unit;
}

function exactly(price: Price, used: Usage): number {
  return (billed(price, inUnit(price, used)) * price.microUsd * channels(price, used)) / price.per;
}

function inUnit(price: Price, used: Usage): number {
  return price.unit === 'minute' ? used.quantity / 60 : used.quantity;
}

function channels(price: Price, used: Usage): number {
  return price.perChannel === true ? Math.max(1, Math.trunc(used.channels ?? 1)) : 1;
}

function billed(price: Price, quantity: number): number {
  // The small share keeps 3.0000000004 s, a sum of floats, from being billed as 4.
  const rounded = price.increment ? Math.ceil(quantity / price.increment - 1e-9) * price.increment : quantity;
  return Math.max(rounded, price.minimum ?? 0);
}

function invalid(path: string | undefined, cause?: unknown): BaltoError {
  const field = `prices${(path ?? '').replaceAll('/', '.')}`;
  return new BaltoError({
    code: 'BALTO_PRICES_INVALID',
    message: `tabela de preços inválida em "${field}"`,
    field,
    ...(cause === undefined ? {} : { cause }),
  });
}
