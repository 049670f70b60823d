import { type Answered, type Failed, failureSeen } from './attempt.ts';
import { CandidateOrder } from './candidate-order.ts';
import type { CandidateTries, Spoken, TriesDeps } from './candidate-tries.ts';
import type { Candidate } from './types.ts';

/** An answer and who gave it. */
export interface RoundAnswer {
  result: Answered;
  candidate: Candidate;
}

/** Goes through the candidates of one utterance, in the order health and routing give, and tells health how they did. */
export class CandidateRounds {
  readonly #deps: TriesDeps;
  readonly #spoken: Spoken;
  readonly #tries: CandidateTries;
  /** Stream candidates that took the audio and said nothing: at fault only if another one hears words in it. */
  readonly #silent: { candidate: Candidate; failed: Failed }[] = [];
  #mayRecover = false;

  constructor(deps: TriesDeps, spoken: Spoken, tries: CandidateTries) {
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
      const result = await this.#tries.candidate(candidate, { hasNext: order.left > 0, signal });
      if (result?.outcome === 'answered') return this.#credited({ result, candidate });
      if (!result || signal.aborted) continue;
      order.failed(candidate, result.error);
      this.#blame(candidate, result);
    }
    return null;
  }

  #credited(answer: RoundAnswer): RoundAnswer {
    const { health } = this.#deps;
    const { sentAtMs, record } = answer.result;
    const isEmpty = record.outcome === 'empty';
    health.answered(answer.candidate, { sentAtMs, isEmpty, facts: this.#spoken.facts });
    if (!isEmpty) {
      for (const { candidate, failed } of this.#silent) health.failed(candidate, failed.error, failureSeen(failed));
    }
    return answer;
  }

  #blame(candidate: Candidate, failed: Failed): void {
    if (failed.error.retryable) this.#mayRecover = true;
    if (failed.wasSilent) this.#silent.push({ candidate, failed });
    else this.#deps.health.failed(candidate, failed.error, failureSeen(failed));
  }

  #isTooSlow(candidate: Candidate): boolean {
    const { mode, audio } = this.#spoken;
    if (mode !== 'stream' || audio.durationMs <= this.#deps.bounds.backlogMs) return false;
    const capabilities = this.#deps.instances.describe<'stt'>(candidate)?.capabilities;
    return capabilities?.streaming === true && capabilities.pushRate === 'realtime';
  }
}
