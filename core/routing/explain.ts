import type { ConfiguredProvider } from '../registry/configured.ts';
import { CandidateOrder } from '../runtime/candidate-order.ts';
import type { Health } from '../runtime/health.ts';
import type { Candidate, Decision, Routed, UtteranceFacts } from '../runtime/types.ts';
import { eachVerdict, type Moment, type Verdict } from './conditions.ts';
import type { PlannedStep } from './plan.ts';
import { isExhausted, momentOf, planFor, type RouteInput, route } from './route.ts';
import { abilitiesOf } from './tags.ts';
import type { Layer } from './types.ts';
import { type StepFate, walk } from './walk.ts';
import { conditionInWords, constraintsInWords, fateInWords, valueInWords } from './words.ts';

/** One rule or list, and what became of it. */
export interface ExplainedStep {
  id: string;
  title: string | null;
  type: 'rule' | 'list';
  layer: Layer;
  holds: Verdict;
  fate: StepFate;
  /** pt-BR. */
  text: string;
  conditions: { condition: string; stated: string; value: string; holds: Verdict }[];
  constraints: string[];
  /** Whom it names and may use, in order; empty where it does not get that far. */
  candidates: string[];
  rejected: { address: string; reason: string }[];
}

/** Somebody who may be asked, and how that one is doing. */
export interface ExplainedCandidate {
  address: string;
  /** Index of the key among the vendor's. */
  credential: number;
  tags: string[];
  /** Place in the order in which they would be asked now, from 1: those at rest go after the others. */
  turn: number;
  health: 'well' | 'resting' | 'until_probe' | 'degraded';
  /** Milliseconds of rest that are left; null: none, or until a probe finds it well. */
  restMs: number | null;
}

/** Why an utterance goes where it goes. */
export interface Explanation {
  decision: Decision;
  /** Whether it is decided when speech begins or when it has ended. */
  decidedAt: 'start' | 'end';
  candidates: ExplainedCandidate[];
  shadow: { address: string; share: number } | null;
  steps: ExplainedStep[];
  /** The whole in a few sentences, pt-BR. */
  text: string;
}

/**
 * The decision an utterance gets now, made as it is really made, with what became of every rule and list on the way.
 * @param facts null: nothing is known of it, as when speech begins; a segment's decision is then a provisional one.
 * @param nowMs monotonic, as `health` counts.
 */
export function explain(input: RouteInput, facts: UtteranceFacts | null, health: Health, nowMs: number): Explanation {
  const atStart = route(input, null);
  const decidedAt = facts === null || atStart.decision.mode === 'stream' ? 'start' : 'end';
  const known = decidedAt === 'start' ? null : facts;
  const routed = known ? route(input, known) : atStart;
  const steps = isExhausted(input) ? [] : trace(input, known);
  const candidates = inTurn(routed.candidates, input, health, nowMs);
  return {
    decision: routed.decision,
    decidedAt,
    candidates,
    shadow: routed.decision.shadow ?? null,
    steps,
    text: inWords(routed, steps, candidates, decidedAt, facts),
  };
}

function trace(input: RouteInput, facts: UtteranceFacts | null): ExplainedStep[] {
  const plan = planFor(input);
  const moment = momentOf(input, facts);
  const steps: ExplainedStep[] = [];
  walk(plan.steps, moment, {
    neverKnown: input.kind === 'llm',
    tell: (index, holds, fate) => steps.push(explained(plan.steps[index] as PlannedStep, moment, holds, fate)),
  });
  return steps;
}

function explained(step: PlannedStep, moment: Moment, holds: Verdict, fate: StepFate): ExplainedStep {
  const { conditions, rule } = step;
  // Nobody looks at the candidates of a rule that does not hold.
  const outcome = fate === 'no' || fate === 'excluded' || fate === 'ignored' ? null : step.outcome;
  return {
    id: step.id,
    title: rule?.title ?? null,
    type: rule ? 'rule' : 'list',
    layer: step.layer,
    holds,
    fate,
    text: fateInWords(step, fate, holds),
    conditions: conditions
      ? eachVerdict(conditions, moment).map(({ condition, verdict }) => ({
          condition,
          stated: conditionInWords(conditions, condition),
          value: valueInWords(condition, moment),
          holds: verdict,
        }))
      : [],
    constraints: rule ? constraintsInWords(rule) : [],
    candidates: [...(outcome?.use ?? [])],
    rejected: [...(outcome?.rejected ?? [])],
  };
}

/** The candidates in routing's order, each with the turn that its health gives it: as the runtime asks them, but without a trace. */
function inTurn(
  candidates: readonly Candidate[],
  input: RouteInput,
  health: Health,
  nowMs: number,
): ExplainedCandidate[] {
  const order = new CandidateOrder(candidates, unseen(health), nowMs);
  const turns = new Map<Candidate, number>();
  for (let each = order.take(() => true); each; each = order.take(() => true)) turns.set(each, turns.size + 1);
  return candidates.map((candidate) => {
    const restMs = Math.max(0, health.restsUntilMs(candidate) - nowMs);
    return {
      address: candidate.address,
      credential: candidate.credential,
      tags: tagsOf(input, candidate.provider),
      turn: turns.get(candidate) ?? 0,
      health: health.isDegraded(candidate)
        ? 'degraded'
        : restMs === 0
          ? 'well'
          : Number.isFinite(restMs)
            ? 'resting'
            : 'until_probe',
      restMs: restMs > 0 && Number.isFinite(restMs) ? Math.ceil(restMs) : null,
    };
  });
}

/** Asking why changes nothing: no key's turn passes, no probe is sent. */
function unseen(health: Health): Health {
  return {
    restsUntilMs: (candidate) => health.restsUntilMs(candidate),
    isDegraded: (candidate) => health.isDegraded(candidate),
    uses: (candidate) => health.uses(candidate),
    mayRetry: () => false,
    failed: () => {},
    answered: () => {},
    passedOver: () => {},
    used: () => {},
  };
}

function tagsOf({ registry }: RouteInput, configured: ConfiguredProvider): string[] {
  return [...abilitiesOf(registry, configured).tags].sort();
}

const HEALTH_WORDS: Record<ExplainedCandidate['health'], string> = {
  well: '',
  resting: ' (descansa depois de falhar)',
  until_probe: ' (espera uma sondagem que o ache bem)',
  degraded: ' (não ouve o que outros ouvem)',
};

function inWords(
  { decision }: Routed,
  steps: readonly ExplainedStep[],
  candidates: readonly ExplainedCandidate[],
  decidedAt: Explanation['decidedAt'],
  facts: UtteranceFacts | null,
): string {
  const isProvisional = facts === null && decision.mode === 'segment' && steps.some(({ fate }) => fate === 'waits');
  const when =
    decision.mode === 'stream'
      ? 'Transcreve durante a fala.'
      : decidedAt === 'end'
        ? 'Decidida no fim da fala, que vai inteira.'
        : isProvisional
          ? 'Decisão provisória: a fala vai inteira, e no fim dela decide-se de novo.'
          : 'A fala vai inteira, no fim dela.';
  const why = steps.filter(({ fate }) => fate !== 'after' && fate !== 'no').map(({ text }) => text);
  const first = [...candidates]
    .sort((a, b) => a.turn - b.turn)
    .map((each) => `${each.address}${HEALTH_WORDS[each.health]}`);
  const who = first.length > 0 ? `Ordem agora: ${first.join(', ')}.` : 'Ninguém é chamado.';
  const passed = decision.rejected.map(({ address, reason }) => `${address}: ${reason}`);
  const spent = steps.length === 0 ? ['o orçamento esgotou-se'] : [];
  return [
    ...(decision.draft === undefined ? [] : ['Este balcão prova as regras de um rascunho.']),
    when,
    `${capital([...spent, ...why].join('; '))}.`,
    who,
    ...(passed.length > 0 ? [`Fora: ${passed.join('; ')}.`] : []),
  ].join(' ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
