import Value from 'typebox/value';
import type { Clock, Log, Usage } from '../contracts/index.ts';
import { type ConfigSnapshot, sectionsOf } from '../store/config-snapshot.ts';
import type { CostCorrections, LedgerLine } from '../store/cost-corrections.ts';
import type { PriceBooks } from '../store/price-book.ts';
import { localDay } from '../wall-clock.ts';
import { wait } from './deadline.ts';
import { PriceList } from './price.ts';
import type { PriceBook } from './prices.ts';

export interface PriceKeeperOptions {
  prices: PriceBook;
  config: {
    snapshot(): ConfigSnapshot;
    on(event: 'applied', listener: (snapshot: ConfigSnapshot) => void): unknown;
    off(event: 'applied', listener: (snapshot: ConfigSnapshot) => void): unknown;
  };
  corrections: Pick<CostCorrections, 'newest' | 'begin' | 'step'>;
  books: Pick<PriceBooks, 'remember' | 'sectionAt'>;
  clock: Clock;
  log: Log;
}

/** Between two steps of a correction: whoever talks at a counter goes first. */
const STEP_MS = 20;
/** For what may still arrive late. */
const LATE_MS = 30_000;
/** For what another process began and left, and for a database that is away. */
const LOOK_MS = 60_000;

/** Keeps the price book as the configuration has it, and makes good what was billed before a price was known. */
export class PriceKeeper {
  readonly #options: PriceKeeperOptions;
  readonly #onApplied = (snapshot: ConfigSnapshot): void => this.#apply(snapshot);
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #section: object | undefined;
  #version = 0;
  #isNew = true;
  #hurry = new AbortController();

  constructor(options: PriceKeeperOptions) {
    this.#options = options;
    options.config.on('applied', this.#onApplied);
    this.#apply(options.config.snapshot());
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#hurry.abort();
    this.#options.config.off('applied', this.#onApplied);
    await this.#running;
  }

  /** New prices are in force at once; what they reach back to comes after. */
  #apply(snapshot: ConfigSnapshot): void {
    this.#version = snapshot.version;
    const section = sectionsOf(snapshot, null, null).get('prices');
    // What a version does not touch is the same object as before.
    if (section === this.#section) return;
    this.#section = section;
    this.#options.prices.use(this.#listIn(section));
    this.#isNew = true;
    this.#hurry.abort();
  }

  /** A section of another shape leaves the prices that ship with Balto. */
  #listIn(section: object | undefined): PriceList | null {
    if (section === undefined) return null;
    if (Value.Check(PriceList, section)) return section;
    this.#options.log.error({ version: this.#version }, 'the prices of the configuration have another shape: not used');
    return null;
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      this.#hurry = new AbortController();
      const restMs = await this.#step().catch((error: unknown) => {
        const { code } = error as { code?: unknown };
        this.#options.log.warn({ code }, 'prices of the configuration wait for the database');
        return LOOK_MS;
      });
      if (!this.#closing.signal.aborted) await wait(this.#options.clock, restMs, this.#hurry.signal);
    }
  }

  /** @returns milliseconds until the next one. */
  async #step(): Promise<number> {
    const { prices, books, corrections } = this.#options;
    if (this.#isNew) {
      await books.remember(prices.version, prices.prices);
      await this.#note(this.#version);
      this.#isNew = false;
    }
    const result = await corrections.step({
      version: this.#version,
      priceVersion: prices.version,
      costs: (attempt) => this.#costs(attempt),
    });
    return { more: STEP_MS, waiting: LATE_MS, done: LOOK_MS }[result];
  }

  /** Says what the newest prices change against those that were looked at before them. */
  async #note(upTo: number): Promise<void> {
    const { books, corrections, clock } = this.#options;
    const newest = await books.sectionAt(upTo);
    const looked = await corrections.newest();
    if (!newest || newest.version <= looked) return;
    const before = looked === 0 ? null : await books.sectionAt(looked);
    const today = localDay(clock.date());
    await corrections.begin(newest.version, reachOf(pricesIn(before?.value), pricesIn(newest.value), today));
  }

  #costs(attempt: readonly LedgerLine[]): number[] {
    const [first] = attempt;
    if (!first) return [];
    const usage = attempt.map(({ unit, quantity, of_what: of, model, channels }) => ({
      ...{ unit, quantity, of, model },
      ...(channels === null ? {} : { channels }),
    }));
    return this.#options.prices.costsMicroUsd(first.provider, first.mode ?? 'batch', usage as Usage[], first.at);
  }
}

function pricesIn(section: unknown): PriceList['prices'] {
  return Value.Check(PriceList, section) ? section.prices : [];
}

/** From which day on, and of whom, costs differ between two lists. Prices of days to come have cost nobody anything yet. */
function reachOf(
  before: PriceList['prices'],
  after: PriceList['prices'],
  today: string,
): { since: string | null; providers: string[] } {
  const known = new Set(before.map((price) => JSON.stringify(price)));
  const wanted = new Set(after.map((price) => JSON.stringify(price)));
  const changed = [
    ...before.filter((price) => !wanted.has(JSON.stringify(price))),
    ...after.filter((price) => !known.has(JSON.stringify(price))),
  ].filter(({ from }) => from <= today);
  const days = changed.map(({ from }) => from).sort();
  return { since: days[0] ?? null, providers: [...new Set(changed.map(({ provider }) => provider))].sort() };
}
