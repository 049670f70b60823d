import { PriceBook } from '../runtime/prices.ts';
import type { UtteranceFacts } from '../runtime/types.ts';
import type { ShadowPair } from '../store/replay.ts';
import { type WallClock, wallClock } from '../wall-clock.ts';
import { Comparison } from './comparison.ts';
import type { Moment } from './conditions.ts';
import { Histogram } from './histogram.ts';
import { figuresOf } from './simulation-figures.ts';
import { type Cell, NOBODY, type Tally } from './simulation-tally.ts';
import type {
  PlainStep,
  SimulatedCounter,
  SimulationFigures,
  SimulationSetup,
  ToSimulation,
} from './simulation-types.ts';
import { type Walked, walk } from './walk.ts';

/** A stored utterance, as the store writes it. */
type Row = [
  clientId: string,
  counterId: string,
  atMs: number,
  durationMs: number | null,
  snrDb: number | null,
  heardAs: string | null,
  address: string | null,
  mode: string | null,
  latencyMs: number | null,
  costMicroUsd: number | null,
  vendor: string,
  isReal: boolean,
];

interface Counter {
  steps: readonly PlainStep[];
  tags: readonly string[];
  clock: WallClock;
  /** Whether any step depends on the time of day; without one, every utterance begins under the same decision. */
  asksTheClock: boolean;
  atStart: Walked | null;
}

const DAY_MS = 86_400_000;
/** Nobody asks. */
const ANY_TIME = { minute: 0, weekday: 0 };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Replays stored utterances through a draft. Lives on a thread of its own; decides by the code that decides for real. */
export class Simulation {
  readonly #prices: PriceBook;
  readonly #shares: ReadonlyMap<string, { rows: number; share: number }> | null;
  readonly #plans: PlainStep[][] = [];
  readonly #counters = new Map<string, Counter>();
  readonly #models: Record<string, string> = {};
  readonly #tallies = new Map<string, Tally>();
  readonly #latencies = new Map<string, Histogram>();
  readonly #unpriced = new Set<string>();
  readonly #comparison = new Comparison();
  #replayed = 0;

  constructor({ prices, strata }: SimulationSetup) {
    const data = { version: '2000-01-01', prices };
    this.#prices = new PriceBook(data, { clock: { date: () => new Date() }, log: silent });
    this.#shares = strata && new Map(strata.map(({ day, vendor, ...each }) => [`${day} ${vendor}`, each]));
  }

  /** A plan's number is its place among those told. */
  addPlan({ steps, models }: Extract<ToSimulation, { type: 'plan' }>): void {
    this.#plans.push(steps);
    Object.assign(this.#models, models);
  }

  addCounter({ clientId, counterId, plan, tags, timeZone }: SimulatedCounter): void {
    const steps = this.#plans[plan] ?? [];
    this.#counters.set(`${clientId}/${counterId}`, {
      steps,
      tags,
      clock: wallClock(timeZone),
      asksTheClock: steps.some(({ conditions }) => conditions !== null && conditions.clock !== null),
      atStart: null,
    });
  }

  addRows(json: string): void {
    for (const row of JSON.parse(json) as Row[]) this.#add(row);
  }

  addShadows(pairs: readonly ShadowPair[]): void {
    for (const pair of pairs) this.#comparison.add(pair);
  }

  figures(): SimulationFigures {
    const figures = figuresOf([...this.#tallies.values()], {
      latencies: this.#latencies,
      unpriced: this.#unpriced,
      isSample: this.#shares !== null,
      replayed: this.#replayed,
    });
    return { ...figures, comparisons: this.#comparison.result() };
  }

  #add(row: Row): void {
    const [clientId, counterId, atMs, durationMs, , , address, mode, latencyMs, costMicroUsd, vendor, isReal] = row;
    const key = `${Math.floor(atMs / DAY_MS)} ${vendor}`;
    const tally = this.#tally(this.#shares ? key : '');
    const stratum = this.#shares?.get(key);
    tally.drawn += 1;
    tally.rows = stratum?.rows ?? tally.drawn;
    this.#replayed += 1;
    const counter = this.#counters.get(`${clientId}/${counterId}`);
    if (!isReal || durationMs === null || !counter) return;
    tally.counted += 1;
    const drafted = decide(counter, row, durationMs);
    const happened = address ?? NOBODY;
    const asStreamed = mode === 'stream' ? 'stream' : 'batch';
    note(tally.happened, happened, costMicroUsd ?? 0, durationMs);
    note(tally.listPrice, happened, this.#price(happened, asStreamed, durationMs, atMs), durationMs);
    note(tally.draft, drafted.address, this.#price(drafted.address, drafted.mode, durationMs, atMs), durationMs);
    tally.rules.set(drafted.rule, (tally.rules.get(drafted.rule) ?? 0) + 1);
    if (drafted.address !== happened) tally.changed += 1;
    if (latencyMs !== null && latencyMs >= 0) this.#histogram(happened).add(latencyMs, 1 / (stratum?.share ?? 1));
  }

  #tally(key: string): Tally {
    let tally = this.#tallies.get(key);
    if (!tally) {
      const maps = { happened: new Map(), listPrice: new Map(), draft: new Map(), rules: new Map() };
      tally = { rows: 0, drawn: 0, counted: 0, changed: 0, ...maps };
      this.#tallies.set(key, tally);
    }
    return tally;
  }

  #histogram(address: string): Histogram {
    let histogram = this.#latencies.get(address);
    if (!histogram) {
      histogram = new Histogram();
      this.#latencies.set(address, histogram);
    }
    return histogram;
  }

  /** By the list of the day it was said on. */
  #price(address: string, mode: 'batch' | 'stream', durationMs: number, atMs: number): number {
    if (address === NOBODY) return 0;
    const model = this.#models[address] ?? address.split(':').slice(1).join(':');
    const used = { unit: 'second', quantity: durationMs / 1000, of: 'audio_in', model } as const;
    const at = new Date(atMs);
    const cost = this.#prices.costsMicroUsd(address, mode, [used], at)[0] ?? 0;
    if (cost === 0 && !this.#prices.knows(address, mode, used, at)) this.#unpriced.add(address);
    return cost;
  }
}

/** As a session does: at the start of speech, and again at its end where that does not stream. The first candidate answers. */
function decide(counter: Counter, [, , atMs, , snrDb, heardAs]: Row, durationMs: number) {
  const { steps, tags, clock, asksTheClock } = counter;
  const wall = asksTheClock ? clock.at(atMs) : ANY_TIME;
  const moment: Moment = { facts: null, wall, counterTags: tags, budgetLeft: null };
  if (asksTheClock || !counter.atStart) counter.atStart = walk(steps, moment);
  let walked = counter.atStart;
  if (walked.mode !== 'stream') {
    const facts: UtteranceFacts = { durationMs, snrDb, class: heardAs };
    walked = walk(steps, { ...moment, facts });
  }
  const step = steps[walked.step];
  const mode: 'batch' | 'stream' = walked.mode === 'stream' ? 'stream' : 'batch';
  return { address: step?.outcome.use[0] ?? NOBODY, rule: (step ?? steps.at(-1))?.id ?? NOBODY, mode };
}

function note(cells: Map<string, Cell>, address: string, cost: number, durationMs: number): void {
  let cell = cells.get(address);
  if (!cell) {
    cell = { count: 0, cost: 0, costSquares: 0, durationMs: 0, durationSquares: 0 };
    cells.set(address, cell);
  }
  cell.count += 1;
  cell.cost += cost;
  cell.costSquares += cost * cost;
  cell.durationMs += durationMs;
  cell.durationSquares += durationMs * durationMs;
}
