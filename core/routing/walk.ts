import { type Conditions, type Moment, type Verdict, verdict } from './conditions.ts';

/** What one step of a plan gives those it matches: who can be used of those it names. */
export interface StepOutcome {
  /** Addresses, in order. */
  use: readonly string[];
  /** Those that cannot be used, and why (pt-BR). */
  rejected: readonly { address: string; reason: string }[];
  /** How it is asked for at the start of speech. */
  mode: 'segment' | 'stream';
}

/** One rule, or one list (which has no conditions), in the order they are asked. */
export interface Step {
  conditions: Conditions | null;
  /** With nobody to use it ends the search, instead of passing on. */
  hard: boolean;
  /** Why it holds for nobody under this configuration (pt-BR); null: it may. */
  readonly excluded: string | null;
  readonly outcome: StepOutcome;
}

/**
 * What became of a step: `waits` = unknown now, it may take the utterance at its end; `void` = unknown, and it would pass
 * the utterance on in any case; `passed` = it holds, but has nobody to give it to; `after` = another was taken before it.
 */
export type StepFate = 'no' | 'excluded' | 'ignored' | 'waits' | 'void' | 'passed' | 'taken' | 'after';

export interface Walked {
  /** Index of the step that decided; -1: none did. */
  step: number;
  mode: 'segment' | 'stream';
  /** Of the steps that matched, up to the one that decided. */
  rejected: { address: string; reason: string }[];
  /** An unknown rule stands before it: the utterance is decided at its end. */
  isProvisional: boolean;
}

/** Reasons kept with one decision. */
const MOST_REJECTED = 50;

/**
 * The first step that holds. With the utterance unknown (`moment.facts` null), a step that may hold makes the decision a
 * provisional one, as a segment; `neverKnown` says that nothing will ever be known, and passes over those steps.
 * @param tell is told the fate of each step, in order.
 */
export function walk(
  steps: readonly Step[],
  moment: Moment,
  options: { neverKnown?: boolean; tell?: (step: number, verdict: Verdict, fate: StepFate) => void } = {},
): Walked {
  const walked: Walked = { step: -1, mode: 'segment', rejected: [], isProvisional: false };
  let decidedAt = -1;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] as Step;
    if (decidedAt >= 0 && !options.tell) break;
    const holds = step.conditions === null ? 'yes' : verdict(step.conditions, moment);
    const fate = decidedAt >= 0 ? 'after' : fateOf(step, holds, options.neverKnown === true);
    options.tell?.(index, holds, fate);
    if (fate === 'waits') {
      walked.isProvisional = true;
      // Somebody must be named, or the audio would not be kept: whoever may take it first.
      if (walked.step < 0 && step.outcome.use.length > 0) walked.step = index;
    } else if (fate === 'passed' || fate === 'taken') {
      note(walked.rejected, step.outcome.rejected);
      if (fate === 'taken') decidedAt = index;
    }
  }
  if (walked.step < 0) walked.step = decidedAt;
  if (decidedAt >= 0 && !walked.isProvisional && moment.facts === null)
    walked.mode = steps[decidedAt]?.outcome.mode ?? 'segment';
  return walked;
}

function fateOf(step: Step, holds: Verdict, neverKnown: boolean): StepFate {
  if (holds === 'no') return 'no';
  if (holds === 'unknown' && neverKnown) return 'ignored';
  if (step.excluded !== null) return 'excluded';
  const passesOn = step.outcome.use.length === 0 && !step.hard;
  if (holds === 'yes') return passesOn ? 'passed' : 'taken';
  return passesOn ? 'void' : 'waits';
}

function note(into: Walked['rejected'], rejected: StepOutcome['rejected']): void {
  for (const each of rejected) {
    if (into.length >= MOST_REJECTED) return;
    const isKnown = into.some(({ address, reason }) => address === each.address && reason === each.reason);
    if (!isKnown) into.push(each);
  }
}
