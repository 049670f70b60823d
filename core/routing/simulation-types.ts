import type { Price } from '../runtime/price.ts';
import type { ShadowPair } from '../store/replay.ts';
import type { Compared } from './comparison.ts';
import type { Conditions } from './conditions.ts';
import type { Estimate } from './estimate.ts';
import type { Quantile } from './histogram.ts';
import type { Plan } from './plan.ts';
import type { Step } from './walk.ts';

/** A step of a plan as it goes to another thread: evaluated there by the same code. */
export interface PlainStep extends Step {
  id: string;
  readonly conditions: Conditions | null;
}

/** Everything a simulation is told before its rows. */
export interface SimulationSetup {
  prices: readonly Readonly<Price>[];
  priceVersion: string;
  /** Strata of a sample, with the share of each that is drawn; null: every row is there. */
  strata: readonly { day: number; vendor: string; rows: number; share: number }[] | null;
}

/** A counter of the period: which plan holds for it. */
export interface SimulatedCounter {
  clientId: string;
  counterId: string;
  plan: number;
  tags: readonly string[];
  timeZone: string;
}

/** Messages to the simulation's thread; each is answered when it is done. */
export type ToSimulation =
  | { type: 'setup'; setup: SimulationSetup }
  /** `models`: what the addresses of the plan are billed as. */
  | { type: 'plan'; steps: PlainStep[]; models: Record<string, string> }
  | { type: 'counter'; counter: SimulatedCounter }
  | { type: 'rows'; json: string }
  | { type: 'shadows'; pairs: ShadowPair[] }
  | { type: 'finish' };

export type FromSimulation = { type: 'done' } | { type: 'figures'; figures: SimulationFigures };

/** How one provider did, or would do. */
export interface SimulatedProvider {
  /** Null: nobody answered, or nobody would be asked. */
  address: string | null;
  utterances: Estimate;
  /** Of the utterances, 0 to 1. */
  share: Estimate;
  costMicroUsd: Estimate;
  /** From the end of speech to the text, as it happened in the period; null: it did not answer then. */
  latencyMs: { median: Quantile; p95: Quantile } | null;
  /** Where the cost comes from: `billed`, `list` price × duration, the price `observed` in the period, or `unknown`. */
  price: 'billed' | 'list' | 'observed' | 'unknown';
}

export interface SimulatedSide {
  costMicroUsd: Estimate;
  providers: SimulatedProvider[];
  /** Of all utterances; for a draft as its providers did, as far as they did (`known`: share of utterances). */
  latencyMs: { median: number; p95: number; known: number } | null;
}

export interface SimulationFigures {
  /** Rows that were gone through, and the utterances among all there are. */
  replayed: number;
  utterances: Estimate;
  /** As it was billed. */
  happened: SimulatedSide;
  /** The same utterances at the same providers, at the prices the draft is reckoned with. */
  happenedAtListPrice: Estimate;
  draft: SimulatedSide;
  /** Share of the utterances that another provider would get. */
  changed: Estimate;
  /** Share of the utterances that each rule or list of the draft decides. */
  rules: { id: string; share: Estimate }[];
  /** What was heard for comparison in the period. */
  comparisons: Compared[];
}

/** A plan as plain data. */
export function plainSteps(plan: Plan): PlainStep[] {
  return plan.steps.map(({ id, conditions, hard, excluded, outcome: { use, mode } }) => ({
    id,
    conditions,
    hard,
    excluded,
    outcome: { use, mode, rejected: [] },
  }));
}
