import { type Estimate, share, total } from './estimate.ts';
import { Histogram } from './histogram.ts';
import { type Cell, NOBODY, type Tally } from './simulation-tally.ts';
import type { SimulatedProvider, SimulatedSide, SimulationFigures } from './simulation-types.ts';

/** What the figures are made of beside the tallies. */
interface Context {
  /** By the address that answered. */
  latencies: ReadonlyMap<string, Histogram>;
  /** Addresses without a list price per second. */
  unpriced: ReadonlySet<string>;
  isSample: boolean;
  replayed: number;
}

type Side = 'happened' | 'listPrice' | 'draft';

/** The tallies of all strata as shares, costs and latencies, with their intervals. */
export function figuresOf(tallies: readonly Tally[], context: Context): Omit<SimulationFigures, 'comparisons'> {
  const { isSample } = context;
  const rates = observedRates(tallies);
  const priced = (side: Side) =>
    side === 'happened' ? tallies : tallies.map((each) => repriced(each, side, rates, context));
  const draft = sideOf('draft', priced('draft'), rates, context);
  return {
    replayed: context.replayed,
    utterances: counts(tallies, ({ counted }) => counted, isSample),
    happened: sideOf('happened', tallies, rates, context),
    happenedAtListPrice: costOf('listPrice', priced('listPrice'), isSample),
    draft: { ...draft, latencyMs: mixed(draft.providers, context) },
    changed: share(
      tallies.map((each) => ({ ...each, ofKind: each.changed })),
      isSample,
    ),
    rules: namesIn(tallies.map(({ rules }) => rules)).map((id) => ({
      id,
      share: share(
        tallies.map((each) => ({ ...each, ofKind: each.rules.get(id) ?? 0 })),
        isSample,
      ),
    })),
  };
}

function sideOf(
  side: Side,
  tallies: readonly Tally[],
  rates: ReadonlyMap<string, number>,
  context: Context,
): SimulatedSide {
  const providers = namesIn(tallies.map((each) => each[side])).map((name) =>
    provider(side, name, tallies, rates, context),
  );
  providers.sort((a, b) => b.utterances.value - a.utterances.value);
  return {
    costMicroUsd: costOf(side, tallies, context.isSample),
    providers,
    latencyMs: mixed(providers, context),
  };
}

function provider(
  side: Side,
  name: string,
  tallies: readonly Tally[],
  rates: ReadonlyMap<string, number>,
  { isSample, latencies, unpriced }: Context,
): SimulatedProvider {
  const cell = (tally: Tally) => tally[side].get(name);
  const latency = latencies.get(name);
  const [median, p95] = [latency?.quantile(0.5, isSample), latency?.quantile(0.95, isSample)];
  return {
    address: name === NOBODY ? null : name,
    utterances: counts(tallies, (each) => cell(each)?.count ?? 0, isSample),
    share: share(
      tallies.map((each) => ({ ...each, ofKind: cell(each)?.count ?? 0 })),
      isSample,
    ),
    costMicroUsd: total(
      tallies.map((each) => costSums(each, cell(each) ? [cell(each) as Cell] : [])),
      isSample,
    ),
    latencyMs: median && p95 ? { median, p95 } : null,
    price:
      side === 'happened' || name === NOBODY
        ? 'billed'
        : !unpriced.has(name)
          ? 'list'
          : rates.has(name)
            ? 'observed'
            : 'unknown',
  };
}

/** Latency of a whole side: its providers as they did in the period, each by its part. */
function mixed(providers: readonly SimulatedProvider[], { latencies, isSample }: Context): SimulatedSide['latencyMs'] {
  const mix = new Histogram();
  let all = 0;
  for (const { address, utterances } of providers) {
    all += utterances.value;
    const latency = latencies.get(address ?? NOBODY);
    if (latency) mix.mix(latency, utterances.value);
  }
  const [median, p95] = [mix.quantile(0.5, isSample), mix.quantile(0.95, isSample)];
  return median && p95 ? { median: median.value, p95: p95.value, known: all > 0 ? mix.weight / all : 0 } : null;
}

function costOf(side: Side, tallies: readonly Tally[], isSample: boolean): Estimate {
  return total(
    tallies.map((each) => costSums(each, [...each[side].values()])),
    isSample,
  );
}

/** One row has one provider: squares of the sum are the sum of squares. */
function costSums({ rows, drawn }: Tally, cells: readonly Cell[]) {
  return {
    rows,
    drawn,
    sum: cells.reduce((sum, { cost }) => sum + cost, 0),
    squares: cells.reduce((sum, { costSquares }) => sum + costSquares, 0),
  };
}

function counts(tallies: readonly Tally[], of: (tally: Tally) => number, isSample: boolean): Estimate {
  return total(
    tallies.map((each) => ({ rows: each.rows, drawn: each.drawn, sum: of(each), squares: of(each) })),
    isSample,
  );
}

/** Micro-USD per millisecond that each provider was billed in the period; those that cost nothing have none. */
function observedRates(tallies: readonly Tally[]): Map<string, number> {
  const sums = new Map<string, { cost: number; durationMs: number }>();
  for (const { happened } of tallies) {
    for (const [name, { cost, durationMs }] of happened) {
      const sum = sums.get(name) ?? { cost: 0, durationMs: 0 };
      sums.set(name, { cost: sum.cost + cost, durationMs: sum.durationMs + durationMs });
    }
  }
  const rates = [...sums].map(
    ([name, { cost, durationMs }]) => [name, durationMs > 0 ? cost / durationMs : 0] as const,
  );
  return new Map(rates.filter(([, rate]) => rate > 0));
}

/** A provider billed by tokens has no price per second: what it cost in the period stands in. */
function repriced(tally: Tally, side: Side, rates: ReadonlyMap<string, number>, { unpriced }: Context): Tally {
  const cells = [...tally[side]].map(([name, cell]): [string, Cell] => {
    const rate = unpriced.has(name) ? (rates.get(name) ?? 0) : null;
    if (rate === null) return [name, cell];
    return [name, { ...cell, cost: cell.durationMs * rate, costSquares: cell.durationSquares * rate * rate }];
  });
  return { ...tally, [side]: new Map(cells) };
}

function namesIn(maps: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap((each) => [...each.keys()]))].sort();
}
