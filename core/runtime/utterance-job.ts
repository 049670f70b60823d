import { CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { Answered, AttemptDeps, AttemptInput, AttemptResult, Failed } from './attempt.ts';
import { batchAttempt } from './batch-attempt.ts';
import { CandidateOrder } from './candidate-order.ts';
import { wait } from './deadline.ts';
import type { Health } from './health.ts';
import type { Places } from './places.ts';
import { type BlockHolder, type BlockPool, UtteranceAudio } from './ring.ts';
import type { StreamLanes } from './stream-lanes.ts';
import type { StreamTurn } from './stream-turn.ts';
import type { Attempt, Candidate, Decision, Routed, SttOutcome, UtteranceFacts } from './types.ts';
import { answerColumns, unanswered } from './utterance-outcome.ts';

/** What an utterance needs of its session and its process. */
export interface JobDeps extends AttemptDeps {
  lanes: StreamLanes;
  health: Health;
  pool: BlockPool;
  inFlight: Places;
  random: () => number;
  /** Who gets an utterance of which this is known. */
  route(facts: UtteranceFacts): Routed;
  /** True once the session ends: nothing is tried again after a pause. */
  isFinishing(): boolean;
  onPartial(segment: number, text: string): void;
  onAttempt(segment: number, attempt: Attempt): void;
  /** Samples kept in memory, more or (negative) fewer. */
  onKept(samples: number): void;
}

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;
/** Attempts kept for the record: an outage tries more often than anyone reads. */
const MAX_RECORDED = 50;

/**
 * One utterance, from its first sample to its answer. Its audio stays in the ring until a candidate has answered all of
 * it; whatever fails, the next candidate gets it from the first sample on.
 */
export class UtteranceJob implements BlockHolder {
  readonly segment: number;
  /** Resolves once; never rejects. */
  readonly outcome: Promise<SttOutcome>;
  readonly #deps: JobDeps;
  /** Of a segment the one made at its end, once that is there. */
  #decision: Decision;
  #candidates: readonly Candidate[];
  readonly #audio: UtteranceAudio;
  readonly #stop = new AbortController();
  readonly #spoken = Promise.withResolvers<void>();
  readonly #attempts: Attempt[] = [];
  /** Stream candidates that took the audio and said nothing: at fault only if another one hears words in it. */
  readonly #silent: Failed[] = [];
  readonly #silentCandidates: Candidate[] = [];
  #endedAtMs: number | undefined;
  #facts: UtteranceFacts | undefined;
  #samples = 0;
  #keptSamples = 0;
  #givenSamples = 0;
  #costMicroUsd = 0;
  #turn: StreamTurn | undefined;
  #mayRecover = false;

  constructor(deps: JobDeps, segment: number, routed: Routed) {
    this.segment = segment;
    this.#deps = deps;
    this.#decision = routed.decision;
    this.#candidates = routed.candidates;
    this.#audio = new UtteranceAudio(deps.pool);
    deps.pool.enter(this);
    this.outcome = this.#run()
      .catch((error: unknown) => this.#broken(error))
      .finally(() => this.#letGo());
  }

  /** How it is given to candidates: as it was decided when it began. */
  get mode(): Decision['mode'] {
    return this.#decision.mode;
  }

  /** `pcm` is borrowed: copied before this returns. */
  push(pcm: Int16Array): void {
    if (this.#endedAtMs !== undefined) return;
    this.#samples += pcm.length;
    if (this.#stop.signal.aborted || (this.mode === 'stream' && this.#candidates.length === 0)) return;
    this.#deps.onKept(pcm.length);
    this.#keptSamples += pcm.length;
    if (!this.#audio.append(pcm)) this.lose('memory');
    else this.#turn?.onAudio();
  }

  /** Speech is over. Without `facts` the session ended first: how long it was is all that is known. */
  end(facts?: UtteranceFacts): Promise<SttOutcome> {
    this.#facts ??= facts;
    if (this.#endedAtMs === undefined && this.mode === 'segment') {
      this.#settle(facts ?? { durationMs: this.#samples / SAMPLES_PER_MS, snrDb: null, class: null });
    }
    this.#over();
    return this.outcome;
  }

  /** It was no utterance: the audio is void, nobody waits for the outcome. */
  cancel(): void {
    this.#letGo();
    this.#over();
  }

  /** A bound was passed: what was said is lost, counted and said. */
  lose(bound: 'speech' | 'memory' | 'drain'): void {
    if (this.#stop.signal.aborted) return;
    this.#deps.log.warn({ segment: this.segment, bound }, 'a bound on unanswered audio was passed');
    this.#letGo();
  }

  evict(): void {
    this.lose('memory');
  }

  #over(): void {
    if (this.#endedAtMs !== undefined) return;
    this.#endedAtMs = this.#deps.clock.now();
    this.#spoken.resolve();
    this.#turn?.finish();
  }

  /** A segment's candidates are known when its facts are. A rule that throws leaves those of its start. */
  #settle(facts: UtteranceFacts): void {
    try {
      const { decision, candidates } = this.#deps.route(facts);
      this.#decision = { ...decision, mode: 'segment' };
      this.#candidates = candidates;
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#deps.log.error({ segment: this.segment, error: name }, 'an utterance could not be routed at its end');
    }
  }

  async #run(): Promise<SttOutcome> {
    if (this.mode === 'segment') await this.#spoken.promise;
    if (this.#candidates.length === 0) {
      await this.#spoken.promise;
      return this.#closed('no_provider');
    }
    let waitMs = this.#deps.bounds.roundWaitMs.first;
    while (!this.#stop.signal.aborted) {
      const answer = await this.#inFlightRound();
      if (answer) return this.#answered(answer.result, answer.candidate);
      if (!this.#mayTryAgain()) break;
      await wait(this.#deps.clock, waitMs, this.#stop.signal);
      waitMs = Math.min(waitMs * 2, this.#deps.bounds.roundWaitMs.longest);
    }
    await this.#spoken.promise;
    return this.#closed('lost');
  }

  /** One pass over all candidates, while holding one of the session's places. */
  async #inFlightRound() {
    const { inFlight } = this.#deps;
    const leave = await inFlight.take(Number.POSITIVE_INFINITY, this.#stop.signal);
    if (!leave) return null;
    try {
      return await this.#round();
    } finally {
      leave();
    }
  }

  async #round(): Promise<{ result: Answered; candidate: Candidate } | null> {
    this.#mayRecover = false;
    const { clock, health, lanes } = this.#deps;
    const order = new CandidateOrder(this.#candidates, health, clock.now(), (each) => lanes.holds(each));
    while (order.left > 0 && !this.#stop.signal.aborted) {
      const candidate = order.next((each) => !this.#isTooSlow(each));
      if (!candidate) return null;
      const result = await this.#candidate(candidate, order.left > 0);
      if (result?.outcome === 'answered') return { result, candidate };
      if (!result || this.#stop.signal.aborted) continue;
      order.failed(candidate, result.error);
      this.#blame(candidate, result);
    }
    return null;
  }

  /** Tries one candidate, again after a short random wait when it failed before it said anything. Null when it is unknown. */
  async #candidate(candidate: Candidate, hasNext: boolean): Promise<AttemptResult | null> {
    const { bounds, clock, health, random } = this.#deps;
    for (let tries = 0; ; tries++) {
      const result = await this.#guarded(candidate, hasNext);
      if (!result || result.outcome === 'answered' || tries >= bounds.retries) return result;
      const { code } = result.error;
      if ((code !== 'connection' && code !== 'server') || result.hadOutput) return result;
      if (!health.mayRetry(candidate)) return result;
      const { min, max } = bounds.retryWaitMs;
      await wait(clock, min + random() * (max - min), this.#stop.signal);
      if (this.#stop.signal.aborted) return result;
    }
  }

  /** Capabilities that make no sense must cost their own candidate only. */
  async #guarded(candidate: Candidate, hasNext: boolean): Promise<AttemptResult | null> {
    try {
      return await this.#attempt(candidate, hasNext);
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#deps.log.error({ provider: candidate.address, error: name }, 'a candidate could not be tried');
      return null;
    }
  }

  async #attempt(candidate: Candidate, hasNext: boolean): Promise<AttemptResult | null> {
    const described = this.#deps.instances.describe<'stt'>(candidate);
    if (!described) return null;
    const input: AttemptInput = {
      candidate,
      described,
      audio: this.#audio,
      givenSamples: this.#givenSamples,
      // With nobody behind it, waiting longer is better than losing what was said.
      queueMs: this.#deps.bounds.queueMs * (hasNext ? 1 : 10),
      signal: this.#stop.signal,
    };
    const { streaming } = described.capabilities;
    if (streaming && this.#decision.mode === 'stream') return this.#noted(await this.#stream(input));
    await this.#spoken.promise;
    const result = this.#noted(await batchAttempt(this.#deps, input));
    const cannot = result.outcome === 'failed' && result.error.code === 'unsupported' && streaming;
    return cannot && !this.#stop.signal.aborted ? this.#noted(await this.#stream(input)) : result;
  }

  async #stream(input: AttemptInput): Promise<AttemptResult> {
    const result = await this.#deps.lanes.attempt({
      ...input,
      onPartial: (text) => this.#deps.onPartial(this.segment, text),
      onTurn: (turn) => {
        this.#turn = turn;
        if (this.#endedAtMs !== undefined) turn.finish();
      },
    });
    this.#turn = undefined;
    return result;
  }

  #noted(result: AttemptResult): AttemptResult {
    this.#givenSamples = Math.max(this.#givenSamples, result.givenSamples);
    this.#costMicroUsd += result.record.costMicroUsd;
    if (this.#attempts.length < MAX_RECORDED) this.#attempts.push(result.record);
    this.#deps.onAttempt(this.segment, result.record);
    return result;
  }

  #blame(candidate: Candidate, failed: Failed): void {
    if (failed.error.retryable) this.#mayRecover = true;
    if (failed.wasSilent) {
      this.#silent.push(failed);
      this.#silentCandidates.push(candidate);
    } else this.#deps.health.failed(candidate, failed.error, failed.record.mode);
  }

  #isTooSlow(candidate: Candidate): boolean {
    if (this.#decision.mode !== 'stream' || this.#audio.durationMs <= this.#deps.bounds.backlogMs) return false;
    const capabilities = this.#deps.instances.describe<'stt'>(candidate)?.capabilities;
    return capabilities?.streaming === true && capabilities.pushRate === 'realtime';
  }

  #mayTryAgain(): boolean {
    if (!this.#mayRecover || this.#stop.signal.aborted || this.#deps.isFinishing()) return false;
    const { bounds, clock } = this.#deps;
    return this.#endedAtMs === undefined || clock.now() - this.#endedAtMs < bounds.persistMs;
  }

  #answered(answer: Answered, candidate: Candidate): SttOutcome {
    const { clock, health, instances } = this.#deps;
    const isEmpty = answer.record.outcome === 'empty';
    health.answered(candidate, { sentAtMs: answer.sentAtMs, isEmpty, facts: this.#facts });
    if (!isEmpty) {
      for (const [index, failed] of this.#silent.entries()) {
        const silent = this.#silentCandidates[index];
        if (silent) health.failed(silent, failed.error, failed.record.mode);
      }
    }
    return {
      ...this.#closed(isEmpty ? 'empty' : 'answered'),
      ...answerColumns(answer, candidate, instances.describe<'stt'>(candidate)?.vendor.id ?? null, clock),
    };
  }

  #closed(status: SttOutcome['status']): SttOutcome {
    return {
      ...unanswered(status),
      decision: this.#decision,
      attempts: this.#attempts,
      lostMs: status === 'lost' ? Math.round(this.#samples / SAMPLES_PER_MS) : 0,
      costMicroUsd: this.#costMicroUsd,
    };
  }

  /** Our own bug must not take a session down, nor hide what was said: the utterance counts as lost. */
  async #broken(error: unknown): Promise<SttOutcome> {
    const { name } = error instanceof Error ? error : { name: typeof error };
    this.#deps.log.error({ segment: this.segment, error: name }, 'an utterance could not be handled');
    await this.#spoken.promise;
    return this.#closed('lost');
  }

  #letGo(): void {
    this.#stop.abort();
    this.#audio.release();
    this.#deps.onKept(-this.#keptSamples);
    this.#keptSamples = 0;
    this.#deps.pool.leave(this);
  }
}
