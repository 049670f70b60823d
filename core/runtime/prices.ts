import { readFileSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { BaltoError, type Clock, type Log, type Usage } from '../contracts/index.ts';

const Price = Type.Object(
  {
    /** Address without the model: `stt/acme`. */
    provider: Type.String({ pattern: '^[a-z]+/[a-z0-9-]+$' }),
    /** The vendor's name of the model; also holds for its dated versions (`model-2026-03-01`). `*`: every model. */
    model: Type.String({ minLength: 1 }),
    /** Where live streams and single requests cost differently. */
    mode: Type.Optional(Type.Union([Type.Literal('batch'), Type.Literal('stream')])),
    of: Type.String({ minLength: 1 }),
    /** A minute is 60 of the seconds a provider reports. */
    unit: Type.Union([
      Type.Literal('second'),
      Type.Literal('minute'),
      Type.Literal('character'),
      Type.Literal('token'),
      Type.Literal('request'),
    ]),
    /** `per` units cost so many millionths of a dollar. */
    microUsd: Type.Number({ minimum: 0 }),
    per: Type.Number({ exclusiveMinimum: 0 }),
    /** The vendor rounds a request up to a multiple of so many units. */
    increment: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** The vendor bills at least so many units per request. */
    minimum: Type.Optional(Type.Number({ minimum: 0 })),
    /** Each channel of the audio is billed like a recording of its own. */
    perChannel: Type.Optional(Type.Boolean()),
    /** First day it holds, UTC. */
    from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    source: Type.String({ minLength: 1 }),
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
type Price = Static<typeof Price>;

/** Reais for a dollar from a day on: vendors bill in dollars, shops count in reais. */
const Exchange = Type.Object(
  {
    brlPerUsd: Type.Number({ exclusiveMinimum: 0 }),
    from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    source: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);

const PriceFile = Type.Object(
  {
    version: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    exchange: Type.Optional(Type.Array(Exchange)),
    prices: Type.Array(Price),
  },
  { additionalProperties: false },
);

/** What is remembered of prices that were asked for and not found. */
const MAX_MISSING = 200;

/** Prices by provider and model, dated. Amounts are integer millionths of a US dollar. */
export class PriceBook {
  /** Date of the file, stored with each billed thing. */
  readonly version: string;
  readonly #prices: Price[];
  readonly #exchange: Static<typeof Exchange>[];
  readonly #clock: Pick<Clock, 'date'>;
  readonly #log: Log;
  readonly #missing = new Set<string>();

  /** `data` as `config/prices.json` holds it. Throws BALTO_PRICES_INVALID with the field named. */
  constructor(data: unknown, options: { clock: Pick<Clock, 'date'>; log: Log }) {
    if (!Value.Check(PriceFile, data)) throw invalid(Value.Errors(PriceFile, data)[0]?.instancePath);
    this.version = data.version;
    // Newest first: of several that hold, the one that began last.
    this.#prices = [...data.prices].sort((a, b) => b.from.localeCompare(a.from));
    this.#exchange = [...(data.exchange ?? [])].sort((a, b) => b.from.localeCompare(a.from));
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The prices themselves, to be kept with the ledger that was billed by them. */
  get prices(): readonly Readonly<Price>[] {
    return this.#prices;
  }

  /**
   * What one attempt cost, in micro-USD, rounded once. A thing without a price costs 0 and is said aloud once, so that
   * nobody takes "free" for "unknown".
   */
  costMicroUsd(address: string, mode: 'batch' | 'stream', usage: readonly Usage[]): number {
    return this.costsMicroUsd(address, mode, usage).reduce((sum, cost) => sum + cost, 0);
  }

  /** The same, one amount per billed thing: integers that add up to the rounded whole. */
  costsMicroUsd(address: string, mode: 'batch' | 'stream', usage: readonly Usage[]): number[] {
    const provider = address.split(':', 1)[0] ?? address;
    const today = this.#clock.date().toISOString().slice(0, 10);
    let total = 0;
    return usage.map((used) => {
      const before = Math.round(total);
      total += this.#exactly(provider, mode, used, today);
      return Math.round(total) - before;
    });
  }

  /** Reais for a dollar as of today, with the day the rate is of; null where the book has none yet. */
  exchange(): { brlPerUsd: number; from: string; source: string } | null {
    const today = this.#clock.date().toISOString().slice(0, 10);
    return this.#exchange.find(({ from }) => from <= today) ?? null;
  }

  #exactly(provider: string, mode: 'batch' | 'stream', used: Usage, today: string): number {
    if (!(used.quantity > 0) || !Number.isFinite(used.quantity)) return 0;
    const price = this.#find(provider, mode, used, today);
    if (price) return (billed(price, inUnit(price, used)) * price.microUsd * channels(price, used)) / price.per;
    this.#sayMissing(provider, used);
    return 0;
  }

  #find(provider: string, mode: 'batch' | 'stream', used: Usage, today: string): Price | undefined {
    const possible = this.#prices.filter(
      (price) =>
        price.provider === provider &&
        (price.unit === 'minute' ? 'second' : price.unit) === used.unit &&
        (price.mode === undefined || price.mode === mode) &&
        price.from <= today,
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
