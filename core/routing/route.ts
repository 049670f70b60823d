import type { Registry } from '../registry/registry.ts';
import type { Decision, Routed, UtteranceFacts } from '../runtime/types.ts';
import { wallClock } from '../wall-clock.ts';
import type { Moment } from './conditions.ts';
import { type Outcome, Plan, type PlannedStep, type PriceOf } from './plan.ts';
import type { RoutedKind } from './rule.ts';
import type { Effective } from './types.ts';
import { walk } from './walk.ts';

/** What a decision is made from, beside the utterance itself. */
export interface RouteInput {
  registry: Registry;
  effective: Effective;
  /** BCP 47 of what is spoken. */
  language: string;
  now: Date;
  counterTags: readonly string[];
  /** Share of the budget that is left, 0 to 1; null without one. */
  budgetLeft: number | null;
  /** Default `stt`. */
  kind?: RoutedKind;
  /** Whom little budget asks for where it names nobody; absent: whom the rules ask for, all the same. */
  price?: PriceOf | undefined;
}

/** Below this share the budget's cheaper providers come first, where it does not say otherwise. */
const CHEAPER_BELOW = 0.1;
/** Rule of a decision made by a budget of which nothing is left. */
export const EXHAUSTED = 'orcamento';
/** Reasons kept with one decision. */
const MOST_REASONS = 50;
const plans = new WeakMap<Effective, Map<string, Plan>>();
/** Languages × kinds × thrift of one counter; more are made and forgotten. */
const MOST_PLANS = 16;

/**
 * Who gets an utterance, in order, and why the others do not. `facts` null: speech begins, and what rules ask of the
 * utterance is unknown; the first rule that holds with mode `stream` opens a stream, unless an unknown rule stands before
 * it. Then, and for every segment, the decision is made again at its end, with its facts. Throws nothing.
 */
export function route(input: RouteInput, facts: UtteranceFacts | null): Routed {
  const plan = planFor(input);
  const walked = walk(plan.steps, momentOf(input, facts), { neverKnown: input.kind === 'llm' });
  const step = plan.steps[walked.step] ?? null;
  const outcome = step?.outcome ?? null;
  const decision: Decision = {
    rule: (step ?? (plan.steps.at(-1) as PlannedStep)).id,
    version: input.effective.version,
    ...triedIn(input),
    mode: walked.mode,
    candidates: outcome ? [...outcome.use] : [],
    rejected: walked.rejected,
  };
  if (plan.thrift !== null) decision.thrift = plan.thrift;
  const routed = { decision, candidates: outcome ? [...outcome.candidates] : [] };
  return isExhausted(input) ? withoutVendors(plan, routed) : withExtras(routed, step, outcome);
}

/** Whatever rule or list decided in the end: with other rules another one might have. */
function triedIn({ effective: { trial } }: RouteInput): Pick<Decision, 'draft'> {
  return trial === null ? {} : { draft: trial.draft };
}

/** The plan of this client and counter, made once per version of the configuration. */
export function planFor({ registry, effective, language, budgetLeft, kind = 'stt', price }: RouteInput): Plan {
  const thrifty = budgetLeft !== null && budgetLeft < (effective.budget?.cheaperBelow ?? CHEAPER_BELOW);
  let known = plans.get(effective);
  if (!known) {
    known = new Map();
    plans.set(effective, known);
  }
  const key = `${kind} ${language} ${thrifty}`;
  let plan = known.get(key);
  if (!plan) {
    plan = new Plan({ registry, effective, language, kind, thrifty, price });
    if (known.size < MOST_PLANS) known.set(key, plan);
  }
  return plan;
}

export function momentOf(input: RouteInput, facts: UtteranceFacts | null): Moment {
  const { effective, now, counterTags, budgetLeft } = input;
  return { facts, wall: wallClock(effective.timeZone).at(now.getTime()), counterTags, budgetLeft };
}

/** The budget is spent and says that nobody is to be called then. */
export function isExhausted({ effective: { budget }, budgetLeft }: RouteInput): boolean {
  return budget?.stop === true && budgetLeft !== null && budgetLeft <= 0;
}

/** Nobody who bills is asked, nor compared with; what runs on this machine costs nothing and goes on. */
function withoutVendors(plan: Plan, { decision, candidates }: Routed): Routed {
  const own = candidates.filter(({ address }) => plan.isLocal(address));
  const left = new Set(own.map(({ address }) => address));
  const out = decision.candidates.filter((address) => !left.has(address));
  const rejected = [...out.map((address) => ({ address, reason: 'o orçamento acabou' })), ...decision.rejected];
  const { version, draft } = decision;
  return {
    decision: {
      rule: EXHAUSTED,
      version,
      ...(draft !== undefined && { draft }),
      mode: 'segment',
      candidates: [...left],
      rejected: rejected.slice(0, MOST_REASONS),
    },
    candidates: own,
  };
}

function withExtras(routed: Routed, step: PlannedStep | null, outcome: Outcome | null): Routed {
  const { decision } = routed;
  if (step?.rule?.hedge) decision.hedge = true;
  const share = step?.rule?.shadow?.share ?? 0;
  if (!outcome?.shadow || share <= 0) return routed;
  decision.shadow = { address: outcome.shadow.address, share };
  return { ...routed, shadow: outcome.shadow };
}
