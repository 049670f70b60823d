/** What is known of a house that is being set up. */
export interface Progress {
  hasClient: boolean;
  /** Something that hears has a key. */
  canHear: boolean;
  counters: number;
  /** Nobody has a device yet: this browser will do. */
  isCounterSkipped: boolean;
  /** Something was heard in this client. */
  wasHeard: boolean;
}

export const STEPS = ['owner', 'client', 'key', 'counter', 'speak'] as const;
export type Step = (typeof STEPS)[number];
export type StepState = 'done' | 'now' | 'later' | 'skipped';

/** Where each step stands: what the house has is done, whoever did it; the first that is missing is now. */
export function stepStates(progress: Progress): Record<Step, StepState> {
  const isDone: Record<Step, boolean> = {
    owner: true,
    client: progress.hasClient,
    key: progress.canHear,
    counter: progress.counters > 0,
    speak: progress.wasHeard,
  };
  const states = {} as Record<Step, StepState>;
  let isNowTaken = false;
  for (const step of STEPS) {
    if (isDone[step]) states[step] = 'done';
    else if (step === 'counter' && progress.isCounterSkipped && !isNowTaken) states[step] = 'skipped';
    else {
      states[step] = isNowTaken ? 'later' : 'now';
      isNowTaken = true;
    }
  }
  return states;
}

/** Nothing is left to do: what was said counts more than a device that is still missing. */
export function isRunning(progress: Progress): boolean {
  return progress.hasClient && progress.canHear && progress.wasHeard;
}
