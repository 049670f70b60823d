import { type Answered, type Failed, failureSeen } from './attempt.ts';
import { CandidateOrder } from './candidate-order.ts';
import type { CandidateTries, Spoken, TriesDeps, TryHow } from './candidate-tries.ts';
import { wait } from './deadline.ts';
import { firstToAnswer, Racer } from './hedge.ts';
import type { Latencies } from './latencies.ts';
import type { Attempt, Candidate } from './types.ts';

export interface RoundDeps extends TriesDeps {
  latencies: Latencies;
}

/** An answer and who gave it. */
export interface RoundAnswer {
  result: Answered;
  candidate: Candidate;
}

/** Goes through the candidates of one utterance, in the order health and routing give, and tells health how they did. */
export class CandidateRounds {
  readonly #deps: RoundDeps;
  readonly #spoken: Spoken;
  readonly #tries: CandidateTries;
  /** Stream candidates that took the audio and said nothing: at fault only if another one hears words in it. */
  readonly #silent: { candidate: Candidate; failed: Failed }[] = [];
  #mayRecover = false;

  constructor(deps: RoundDeps, spoken: Spoken, tries: CandidateTries) {
    this.#deps = deps;
    this.#spoken = spoken;
    this.#tries = tries;
  }

  /** Whether somebody failed in the last round who may do better in a moment. */
  get mayRecover(): boolean {
    return this.#mayRecover;
  }

  /** One pass, until somebody answers; null when nobody did, or `signal` fired. */
  async pass(candidates: readonly Candidate[], signal: AbortSignal): Promise<RoundAnswer | null> {
    this.#mayRecover = false;
    const { clock, health, lanes } = this.#deps;
    const order = new CandidateOrder(candidates, health, clock.now(), (each) => lanes.holds(each));
    while (order.left > 0 && !signal.aborted) {
      const candidate = order.next((each) => !this.#isTooSlow(each));
      if (!candidate) return null;
      const answer = await (this.#spoken.hedges
        ? this.#hedged(candidate, order, signal)
        : this.#alone(candidate, order, signal));
      if (answer) return this.#credited(answer);
    }
    return null;
  }

  async #alone(candidate: Candidate, order: CandidateOrder, signal: AbortSignal): Promise<RoundAnswer | null> {
    const how: TryHow = { purpose: 'answer', hasNext: order.left > 0, signal };
    const result = await this.#tries.candidate(candidate, how);
    if (result?.outcome === 'answered') return { result, candidate };
    if (result && !signal.aborted) this.#blame(candidate, result, order);
    return null;
  }

  /** The next candidate is started beside this one when it is slower than nineteen times out of twenty. */
  async #hedged(candidate: Candidate, order: CandidateOrder, signal: AbortSignal): Promise<RoundAnswer | null> {
    const race = (who: Candidate, purpose: TryHow['purpose']) =>
      new Racer(who, {
        clock: this.#deps.clock,
        signal,
        start: (stop) => this.#tries.candidate(who, { purpose, hasNext: order.left > 0, signal: stop }),
      });
    const first = race(candidate, 'answer');
    const second = (await this.#isSlow(first, signal)) ? this.#besides(candidate, order) : undefined;
    const racers = second ? [first, race(second, 'hedge')] : [first];
    const winner = await firstToAnswer(racers, this.#deps.clock, this.#deps.bounds.emptyWaitMs);
    for (const racer of racers) {
      if (racer.wasStopped) this.#outrun(racer);
      else if (racer.result?.outcome === 'failed' && !signal.aborted) this.#blame(racer.candidate, racer.result, order);
    }
    return winner?.result?.outcome === 'answered' ? { result: winner.result, candidate: winner.candidate } : null;
  }

  /** Waits until it has ended, or has taken longer than 95 of 100 of its answers do. */
  async #isSlow(racer: Racer, signal: AbortSignal): Promise<boolean> {
    const { clock, latencies } = this.#deps;
    const ended = new AbortController();
    void racer.ended.then(() => ended.abort());
    await Promise.race([this.#spoken.over, racer.ended]);
    const usualMs = latencies.p95Ms(racer.candidate, this.#modeOf(racer.candidate), this.#spoken.audio.durationMs);
    if (usualMs === null) return false;
    await wait(clock, usualMs, ended.signal);
    return racer.result === undefined && !signal.aborted;
  }

  /** Another vendor rather than another key of the same one; nobody who is at rest. */
  #besides({ address }: Candidate, order: CandidateOrder): Candidate | undefined {
    const { clock, health } = this.#deps;
    const isReady = (each: Candidate) =>
      health.restsUntilMs(each) <= clock.now() && !health.isDegraded(each) && !this.#isTooSlow(each);
    return order.take((each) => isReady(each) && each.address !== address) ?? order.take(isReady);
  }

  #credited(answer: RoundAnswer): RoundAnswer {
    const { health, latencies } = this.#deps;
    const { candidate, result } = answer;
    const { sentAtMs, record } = result;
    const isEmpty = record.outcome === 'empty';
    // One that was cut short was answered before it ended.
    if (!result.isCutShort) {
      latencies.took(candidate, record.mode, this.#spoken.audio.durationMs, this.#tookMs(sentAtMs));
    }
    health.answered(candidate, { sentAtMs, isEmpty, facts: this.#spoken.facts });
    if (!isEmpty) {
      for (const { candidate: silent, failed } of this.#silent)
        health.failed(silent, failed.error, failureSeen(failed));
    }
    return answer;
  }

  /** Nobody waited for its answer: it would have taken at least so long. Left out, its p95 would fall and fall. */
  #outrun({ candidate, startedMs, result }: Racer): void {
    const mode = result?.record.mode ?? this.#modeOf(candidate);
    this.#deps.latencies.took(candidate, mode, this.#spoken.audio.durationMs, this.#tookMs(startedMs));
  }

  #blame(candidate: Candidate, failed: Failed, order: CandidateOrder): void {
    order.failed(candidate, failed.error);
    if (failed.error.retryable) this.#mayRecover = true;
    if (failed.wasSilent) this.#silent.push({ candidate, failed });
    else this.#deps.health.failed(candidate, failed.error, failureSeen(failed));
  }

  /** Milliseconds since its request; while it was being spoken, nothing could be answered. */
  #tookMs(sinceMs: number): number {
    return this.#deps.clock.now() - Math.max(sinceMs, this.#spoken.endedAtMs ?? 0);
  }

  /** How it will be asked. */
  #modeOf(candidate: Candidate): Attempt['mode'] {
    if (this.#spoken.mode === 'segment') return 'batch';
    return this.#deps.instances.describe<'stt'>(candidate)?.capabilities.streaming === true ? 'stream' : 'batch';
  }

  #isTooSlow(candidate: Candidate): boolean {
    const { mode, audio } = this.#spoken;
    if (mode !== 'stream' || audio.durationMs <= this.#deps.bounds.backlogMs) return false;
    const capabilities = this.#deps.instances.describe<'stt'>(candidate)?.capabilities;
    return capabilities?.streaming === true && capabilities.pushRate === 'realtime';
  }
}
