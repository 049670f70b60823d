import { setImmediate } from 'node:timers/promises';
import type { Conditions, Moment } from './conditions.ts';
import type { PlannedStep } from './plan.ts';
import { planFor, type RouteInput } from './route.ts';
import type { Range, RoutedKind } from './rule.ts';
import { note, type RuleNote } from './rule-notes.ts';
import { walk } from './walk.ts';

/** Moments looked at for one counter, at most; with more of them than this the doubt is refused. */
const MOST_MOMENTS = 20_000;
/** Counters looked at before other work gets its turn: audio shares this thread. */
const COUNTERS_PER_TURN = 20;
const DAY_MINUTES = 1440;

/** A counter (or a client without one) as its utterances would be routed under the rules that are checked. */
export interface Covered extends Pick<RouteInput, 'registry' | 'effective' | 'language' | 'counterTags'> {
  /** As it is routed now. */
  current: RouteInput['effective'];
}

/**
 * The first counter that some utterance would find without a candidate, and why; null: there is none. Where nobody can be
 * used now either (no key yet) it is not the rules' doing, unless one of them turns everybody away.
 */
export async function uncovered(counters: Iterable<Covered>, kinds: readonly RoutedKind[]): Promise<RuleNote | null> {
  let looked = 0;
  for (const counter of counters) {
    for (const kind of kinds) {
      const left = leftAlone(counter, kind);
      if (!left) continue;
      if (left.by || !leftAlone({ ...counter, effective: counter.current }, kind)) return refusal(counter, left.by);
    }
    if (++looked % COUNTERS_PER_TURN === 0) await setImmediate();
  }
  return null;
}

/** Whether some utterance finds nobody, and which rule turned everybody away; null: all find somebody. */
function leftAlone(counter: Omit<Covered, 'current'>, kind: RoutedKind): { by: PlannedStep | null } | null {
  const plan = planFor({ ...counter, kind, now: new Date(0), budgetLeft: null });
  const steps = plan.steps.filter((step) => canHold(step, counter.counterTags));
  const hasLast = steps.some((step) => isUnconditional(step) && step.outcome.use.length > 0);
  const closed = steps.find((step) => step.hard && step.outcome.use.length === 0);
  if (hasLast && !closed) return null;
  const moments = momentsOf(steps, counter.counterTags, kind);
  if (moments === null) return { by: closed ?? null };
  for (const moment of moments) {
    const walked = walk(plan.steps, moment, { neverKnown: kind === 'llm' });
    const step = plan.steps[walked.step];
    if (!step || step.outcome.use.length === 0) return { by: step ?? null };
  }
  return null;
}

function isUnconditional({ conditions }: PlannedStep): boolean {
  return conditions === null || Object.values(conditions).every((each) => each === null);
}

/** What the counter's tags and the configuration already rule out needs no moment. */
function canHold({ conditions, excluded }: PlannedStep, tags: readonly string[]): boolean {
  return excluded === null && (!conditions?.counterTags || conditions.counterTags.some((tag) => tags.includes(tag)));
}

function refusal({ effective }: Covered, step: PlannedStep | null): RuleNote {
  const who = effective.counterId === null ? 'o cliente' : `o balcão ${effective.counterId}`;
  const why = step
    ? `a regra "${step.id}" não aceita nenhum dos provedores que ele pode usar`
    : 'há falas que não cabem em nenhuma regra, e a lista dele não tem provedor que possa ser usado';
  return note('NO_CANDIDATE', 'rules', `${who} ficaria sem candidato: ${why}`);
}

/** One moment of each sort that the rules tell apart; null: too many. */
function momentsOf(
  steps: readonly PlannedStep[],
  counterTags: readonly string[],
  kind: RoutedKind,
): Iterable<Moment> | null {
  const stated = steps.flatMap(({ conditions }) => conditions ?? []);
  const durations = kind === 'llm' ? [0] : points(stated, 'durationMs', [0]);
  const noises = kind === 'llm' ? [null] : points(stated, 'snrDb', [-10, null]);
  const classes = kind === 'llm' ? [null] : [null, ...new Set(stated.flatMap((each) => each.class ?? []))];
  const budgets = points(stated, 'budgetLeft', [null, 0]);
  const walls = wallsOf(stated);
  const count = durations.length * noises.length * classes.length * budgets.length * walls.length;
  if (count > MOST_MOMENTS) return null;
  return (function* () {
    for (const wall of walls)
      for (const budgetLeft of budgets)
        for (const durationMs of durations)
          for (const snrDb of noises)
            for (const heard of classes) {
              const facts = kind === 'llm' ? null : { durationMs: durationMs ?? 0, snrDb, class: heard };
              yield { facts, wall, counterTags, budgetLeft };
            }
  })();
}

/** Where the ranges of all rules begin and end: between two of these nothing changes. */
function points<T extends number | null>(
  stated: readonly Conditions[],
  name: 'durationMs' | 'snrDb' | 'budgetLeft',
  always: readonly T[],
): (number | T)[] {
  const bounds = stated.flatMap((each) => {
    const range: Range | null = each[name];
    return range ? [range.min, range.max].filter((bound) => bound !== undefined) : [];
  });
  return [...new Set<number | T>([...always, ...bounds])];
}

function wallsOf(stated: readonly Conditions[]): Moment['wall'][] {
  const clocks = stated.flatMap(({ clock }) => clock ?? []);
  if (clocks.length === 0) return [{ minute: 0, weekday: 0 }];
  const minutes = clocks.flatMap(({ hours }) => hours.flatMap(({ from, to }) => [from, to % DAY_MINUTES]));
  return [...new Set([0, ...minutes])].flatMap((minute) =>
    [0, 1, 2, 3, 4, 5, 6].map((weekday) => ({ minute, weekday })),
  );
}
