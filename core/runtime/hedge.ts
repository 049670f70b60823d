import type { Clock } from '../contracts/index.ts';
import type { AttemptResult } from './attempt.ts';
import { wait } from './deadline.ts';
import { linkSignals } from './link-signals.ts';
import type { Candidate } from './types.ts';

/** One of the candidates that are being tried side by side. */
export class Racer {
  readonly candidate: Candidate;
  readonly startedMs: number;
  /** Resolves when it has ended, also when it was stopped; never rejects. */
  readonly ended: Promise<void>;
  readonly #stop = new AbortController();
  #result: AttemptResult | null | undefined;
  #wasStopped = false;

  /** `start` never rejects; null from it: this candidate could not be tried. */
  constructor(
    candidate: Candidate,
    options: {
      clock: Clock;
      /** Fires when nobody's answer is wanted any more. */
      signal: AbortSignal;
      start(signal: AbortSignal): Promise<AttemptResult | null>;
    },
  ) {
    this.candidate = candidate;
    this.startedMs = options.clock.now();
    const linked = linkSignals([options.signal, this.#stop.signal]);
    this.ended = options.start(linked.signal).then((result) => {
      this.#result = result;
      linked.unlink();
    });
  }

  /** How it ended; undefined while it runs. */
  get result(): AttemptResult | null | undefined {
    return this.#result;
  }

  /** The other one had won: that this one did not answer says nothing of it. */
  get wasStopped(): boolean {
    return this.#wasStopped;
  }

  stop(): void {
    if (this.#result !== undefined) return;
    this.#wasStopped = true;
    this.#stop.abort();
  }
}

/**
 * Waits for the first one that hears words, stops the other and waits for its end as well, so that what it cost is known.
 * One that says "nothing was said" is not believed while the other still listens, for `emptyWaitMs`. Null: nobody answered.
 */
export async function firstToAnswer(
  racers: readonly Racer[],
  clock: Clock,
  emptyWaitMs: number,
): Promise<Racer | null> {
  const decided = new AbortController();
  const arrived: Racer[] = [];
  const runs = racers.map(async (racer) => {
    await racer.ended;
    arrived.push(racer);
    const heard = hearing(racer);
    if (heard === 'nothing' && arrived.length < racers.length) await wait(clock, emptyWaitMs, decided.signal);
    if (heard === null && arrived.length < racers.length) return;
    decided.abort();
    for (const other of racers) other.stop();
  });
  await Promise.all(runs);
  return arrived.find((each) => hearing(each) === 'words') ?? arrived.find((each) => hearing(each)) ?? null;
}

/** What it answered; null when it did not. */
function hearing({ result }: Racer): 'words' | 'nothing' | null {
  if (result?.outcome !== 'answered') return null;
  return result.record.outcome === 'empty' ? 'nothing' : 'words';
}
