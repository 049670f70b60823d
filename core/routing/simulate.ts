import { setImmediate } from 'node:timers/promises';
import { BaltoError, type Clock } from '../contracts/index.ts';
import type { Registry } from '../registry/registry.ts';
import type { PriceBook } from '../runtime/prices.ts';
import { dayOf, type Replay, type ReplayPage, type ReplayPeriod, type ReplayStratum } from '../store/replay.ts';
import { Plan } from './plan.ts';
import { SimulationThread } from './simulation-thread.ts';
import { plainSteps, type SimulationFigures } from './simulation-types.ts';
import { Portions, Slices } from './slices.ts';
import type { Effective } from './types.ts';

/** What is simulated. */
export interface SimulationOrder {
  period: ReplayPeriod;
  /** What would hold for a counter under the draft. */
  draft(clientId: string, counterId: string): Effective;
  tags(clientId: string, counterId: string): readonly string[];
}

/** What a simulation needs of the house. */
export interface SimulationDeps {
  registry: Registry;
  replay: Replay;
  prices: Pick<PriceBook, 'prices' | 'version'>;
  /** BCP 47 of what is spoken. */
  language: string;
  clock: Clock;
  /** Up to so many utterances all are replayed, else so many are drawn. Default 100,000. */
  mostRows?: number;
}

export interface Simulated extends SimulationFigures {
  /** A sample was drawn: figures have intervals. */
  isSample: boolean;
  priceVersion: string;
  elapsedMs: number;
}

const MOST_ROWS = 100_000;
/** Of a small stratum at least so many are drawn, or all: a vendor that was hardly used is to be seen. */
const LEAST_DRAWN = 20;

/** One simulation at a time: it takes a thread, and its share of the database. */
export class Simulator {
  readonly #deps: SimulationDeps;
  #isBusy = false;

  constructor(deps: SimulationDeps) {
    this.#deps = deps;
  }

  /**
   * Replays stored utterances through a draft, on a thread of its own.
   * @throws BaltoError BALTO_SIMULATION_BUSY (429) while another runs; whatever `signal` aborts with.
   */
  async run(order: SimulationOrder, signal: AbortSignal): Promise<Simulated> {
    if (this.#isBusy) {
      const message = 'Já há uma simulação em curso; tente de novo quando ela terminar.';
      throw new BaltoError({ code: 'BALTO_SIMULATION_BUSY', message, statusCode: 429 });
    }
    this.#isBusy = true;
    const thread = new SimulationThread();
    try {
      return await new Run(this.#deps, order, thread, signal).all();
    } finally {
      await thread.close();
      this.#isBusy = false;
    }
  }
}

/** One run: counting, then reading page after page into the thread. */
class Run {
  readonly #deps: SimulationDeps;
  readonly #order: SimulationOrder;
  readonly #thread: SimulationThread;
  readonly #signal: AbortSignal;
  readonly #mostRows: number;
  readonly #counters = new Set<string>();
  /** Plans told, by what they are made of: counters of one configuration share theirs. */
  readonly #plans = new Map<Effective['configured'], { effective: Effective; number: number }[]>();
  #plansTold = 0;
  readonly #portions: Portions;

  constructor(deps: SimulationDeps, order: SimulationOrder, thread: SimulationThread, signal: AbortSignal) {
    this.#deps = deps;
    this.#order = order;
    this.#thread = thread;
    this.#signal = signal;
    this.#mostRows = deps.mostRows ?? MOST_ROWS;
    this.#portions = new Portions(deps.replay.manners);
  }

  async all(): Promise<Simulated> {
    const { clock, prices } = this.#deps;
    const begunMs = clock.now();
    const drawn = (await this.#isMany()) ? allotted(await this.#strata(), this.#mostRows) : null;
    await this.#thread.tell({
      type: 'setup',
      setup: { prices: prices.prices, priceVersion: prices.version, strata: drawn },
    });
    // While the thread goes through one page, the database reads the next.
    let given: Promise<void> = Promise.resolve();
    for await (const page of drawn ? this.#sampled(drawn) : this.#pages()) {
      await given;
      given = this.#give(page);
      given.catch(() => {});
    }
    await given;
    await this.#compare();
    const figures = await this.#thread.finish();
    return {
      ...figures,
      isSample: drawn !== null,
      priceVersion: prices.version,
      elapsedMs: Math.round(clock.now() - begunMs),
    };
  }

  /** The first 100,000 comparisons of the period. */
  async #compare(): Promise<void> {
    const { replay } = this.#deps;
    let read = 0;
    for (let after: number | null = 0; after !== null && read < this.#mostRows; ) {
      this.#signal.throwIfAborted();
      const page: Awaited<ReturnType<Replay['shadows']>> = await replay.shadows(this.#order.period, after);
      await this.#thread.tell({ type: 'shadows', pairs: page.pairs });
      read += page.pairs.length;
      after = page.next;
    }
  }

  async #isMany(): Promise<boolean> {
    let rows = 0;
    for await (const some of this.#sliced(
      (slice) => this.#deps.replay.count(slice),
      (rows) => rows,
    )) {
      rows += some;
      if (rows > this.#mostRows) return true;
    }
    return false;
  }

  async #strata(): Promise<ReplayStratum[]> {
    const found = new Map<string, ReplayStratum>();
    for await (const part of this.#sliced((slice) => this.#deps.replay.strata(slice), rowsIn)) {
      for (const each of part) {
        const key = `${each.day} ${each.vendor}`;
        found.set(key, { ...each, rows: each.rows + (found.get(key)?.rows ?? 0) });
      }
    }
    return [...found.values()];
  }

  async *#pages(): AsyncGenerator<ReplayPage> {
    const { replay } = this.#deps;
    const { period } = this.#order;
    for (let after: ReplayPage['next'] | undefined; after !== null; ) {
      const page = await this.#portion((rows) => replay.page(period, after ?? null, rows));
      yield page;
      after = page.next;
    }
  }

  async *#sampled(drawn: readonly Allotted[]): AsyncGenerator<ReplayPage> {
    const { replay } = this.#deps;
    const every = rowsIn(drawn) / this.#mostRows;
    const ofDay = Map.groupBy(drawn, ({ day }) => day);
    const days = (slice: ReplayPeriod) => {
      const [first, last] = [dayOf(slice.from.getTime()), dayOf(slice.to.getTime())];
      return [...ofDay.keys()].filter((day) => day >= first && day <= last).flatMap((day) => ofDay.get(day) ?? []);
    };
    const ids: number[] = [];
    for await (const some of this.#sliced(
      (slice) => replay.sample(slice, days(slice)),
      (all) => all.length * every,
    )) {
      for (const id of some) ids.push(id);
    }
    ids.sort((a, b) => a - b);
    const underWay: Promise<ReplayPage>[] = [];
    for (let at = 0; at < ids.length || underWay.length > 0; ) {
      while (at < ids.length && underWay.length < replay.manners.atOnce) {
        const page = this.#portion((rows) => replay.byIds(this.#order.period, ids.slice(at, at + rows)));
        page.catch(() => {}); // told of when it is its turn
        underWay.push(page);
        at += this.#portions.size;
      }
      const page = await underWay.shift();
      if (page) yield page;
    }
  }

  /** As many rows as the last ones took time. */
  async #portion(ask: (rows: number) => Promise<ReplayPage>): Promise<ReplayPage> {
    const { clock } = this.#deps;
    const begunMs = clock.now();
    const page = await ask(this.#portions.size);
    this.#portions.took(clock.now() - begunMs);
    return page;
  }

  /** The period in slices, each asked for by itself, others getting their turn in between. */
  async *#sliced<T>(ask: (slice: ReplayPeriod) => Promise<T>, rowsOf: (answer: T) => number): AsyncGenerator<T> {
    const { clock } = this.#deps;
    const slices = new Slices(this.#order.period, this.#deps.replay.manners);
    for (let slice = slices.next(); slice; slice = slices.next()) {
      this.#signal.throwIfAborted();
      const begunMs = clock.now();
      const answer = await ask(slice);
      slices.took(clock.now() - begunMs, rowsOf(answer));
      yield answer;
    }
  }

  async #give({ json, counters }: ReplayPage): Promise<void> {
    this.#signal.throwIfAborted();
    for (const { clientId, counterId } of counters) await this.#introduce(clientId, counterId);
    await this.#thread.tell({ type: 'rows', json });
  }

  async #introduce(clientId: string, counterId: string): Promise<void> {
    const key = `${clientId}/${counterId}`;
    if (this.#counters.has(key)) return;
    this.#counters.add(key);
    const effective = this.#order.draft(clientId, counterId);
    const plan = await this.#planOf(effective);
    const tags = this.#order.tags(clientId, counterId);
    await this.#thread.tell({
      type: 'counter',
      counter: { clientId, counterId, plan, tags, timeZone: effective.timeZone },
    });
  }

  async #planOf(effective: Effective): Promise<number> {
    const alike = this.#plans.get(effective.configured) ?? [];
    const known = alike.find(
      (each) =>
        each.effective.rules.client === effective.rules.client &&
        each.effective.rules.global === effective.rules.global,
    );
    if (known) return known.number;
    const { registry, language } = this.#deps;
    const steps = plainSteps(new Plan({ registry, effective, language, kind: 'stt', thrifty: false }));
    const models = Object.fromEntries(
      steps.flatMap(({ outcome }) => outcome.use.map((use) => [use, modelOf(effective, use)])),
    );
    await this.#thread.tell({ type: 'plan', steps, models });
    const number = this.#plansTold++;
    this.#plans.set(effective.configured, [...alike, { effective, number }]);
    // Whatever else waits goes first: a plan of many rules takes a millisecond.
    await setImmediate();
    return number;
  }
}

function rowsIn(strata: readonly ReplayStratum[]): number {
  return strata.reduce((sum, { rows }) => sum + rows, 0);
}

type Allotted = ReplayStratum & { share: number };

/** How much of each stratum is drawn: the same share of all, but of a small one enough to see it. */
function allotted(strata: readonly ReplayStratum[], most: number): Allotted[] {
  const least = strata.length * LEAST_DRAWN > most / 2 ? 0 : LEAST_DRAWN;
  const drawnAt = (share: number) => strata.map(({ rows }) => Math.min(rows, Math.max(share * rows, least)));
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (drawnAt(middle).reduce((sum, each) => sum + each, 0) > most) high = middle;
    else low = middle;
  }
  const drawn = drawnAt(low);
  return strata.map((each, index) => ({ ...each, share: each.rows > 0 ? (drawn[index] ?? 0) / each.rows : 0 }));
}

/** What an address is billed as: the model it names, its settings', or the provider's first. */
function modelOf(effective: Effective, address: string): string {
  const named = address.split(':').slice(1).join(':');
  const configured = effective.provider(address);
  return named || String(configured?.settings['model'] ?? configured?.provider.models[0] ?? '');
}
