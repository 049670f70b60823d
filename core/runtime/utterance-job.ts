import { CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import { CandidateRounds, type RoundAnswer, type RoundDeps } from './candidate-rounds.ts';
import { CandidateTries, type Spoken } from './candidate-tries.ts';
import { wait } from './deadline.ts';
import type { Places } from './places.ts';
import { type BlockHolder, type BlockPool, UtteranceAudio } from './ring.ts';
import type { Shadows } from './shadows.ts';
import type { Candidate, Decision, Routed, SttOutcome, UtteranceFacts } from './types.ts';
import { answerColumns, unanswered } from './utterance-outcome.ts';

/** Where an utterance may become two, in samples of its own: the text of the one is final through `through`, the other is heard from `from` on. */
export interface Cut {
  through: number;
  from: number;
}

/** What an utterance needs of its session and its process. */
export interface JobDeps extends RoundDeps {
  pool: BlockPool;
  inFlight: Pick<Places, 'take'>;
  /** Who gets an utterance of which this is known. */
  route(facts: UtteranceFacts): Routed;
  shadows: Shadows | undefined;
  /** What was said up to this sample is final: while this is called the session may end the utterance, and begin another. */
  onFinalThrough(job: UtteranceJob, cut: Cut): void;
  /** True once the session ends: nothing is tried again after a pause. */
  isFinishing(): boolean;
  /** Samples kept in memory, more or (negative) fewer. */
  onKept(samples: number): void;
}

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;
/** Kept from before a cut: where a word ends is known that well. */
const CUT_OVERLAP_SAMPLES = 500 * SAMPLES_PER_MS;

/**
 * One utterance, from its first sample to its answer. Its audio stays in the ring until a candidate has answered all of
 * it; whatever fails, the next candidate gets it from the first sample on.
 */
export class UtteranceJob implements BlockHolder, Spoken {
  readonly segment: number;
  readonly audio: UtteranceAudio;
  /** Resolves once; never rejects. */
  readonly outcome: Promise<SttOutcome>;
  readonly #deps: JobDeps;
  /** Of a segment the one made at its end, once that is there. */
  #decision: Decision;
  #candidates: readonly Candidate[];
  #shadow: Candidate | undefined;
  readonly #stop = new AbortController();
  readonly #spoken = Promise.withResolvers<void>();
  readonly #tries: CandidateTries;
  readonly #rounds: CandidateRounds;
  #endedAtMs: number | undefined;
  #facts: UtteranceFacts | undefined;
  #samples = 0;
  #keptSamples = 0;
  /** Where it may be cut just now. */
  #cut: (Cut & { isTaken: boolean }) | undefined;

  constructor(deps: JobDeps, segment: number, routed: Routed) {
    this.segment = segment;
    this.#deps = deps;
    this.#decision = routed.decision;
    this.#candidates = routed.candidates;
    this.#shadow = routed.shadow;
    this.audio = new UtteranceAudio(deps.pool);
    this.#tries = new CandidateTries(deps, this);
    this.#rounds = new CandidateRounds(deps, this, this.#tries);
    deps.pool.enter(this);
    this.outcome = this.#run()
      .catch((error: unknown) => this.#broken(error))
      .finally(() => this.#letGo());
  }

  get over(): Promise<void> {
    return this.#spoken.promise;
  }

  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  get hedges(): boolean {
    return this.#decision.hedge === true;
  }

  get facts(): UtteranceFacts | undefined {
    return this.#facts;
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
    if (!this.audio.append(pcm)) this.lose('memory');
    else this.#tries.onAudio();
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

  onFinalThrough(samples: number): void {
    if (this.#endedAtMs !== undefined) return;
    const cut = { through: samples, from: Math.max(0, samples - CUT_OVERLAP_SAMPLES), isTaken: false };
    this.#cut = cut;
    this.#deps.onFinalThrough(this, cut);
    this.#cut = undefined;
    // It ended, and no other goes on: what was said behind the cut is its own.
    if (this.#endedAtMs !== undefined && !cut.isTaken) this.#tries.finish();
  }

  /** Goes on from `before`, which was too long: with its sound from just before the cut, on the stream it was said on. */
  takeOver(before: UtteranceJob): void {
    const { live } = before.#tries;
    if (!before.#cut || !live) return;
    const { from } = before.#cut;
    const pcm = new Int16Array(before.audio.samples - from);
    before.audio.copyTo(pcm, from, pcm.length);
    this.push(pcm);
    if (!live.turn.mayContinue) return;
    before.#cut.isTaken = true;
    this.#tries.goOn({ ...live, turn: live.turn.continuedBy(this.audio, from) });
    // Decided otherwise meanwhile: it is heard again, whole.
    if (this.mode === 'segment' || this.audio.samples === 0) this.#tries.leaveStream();
  }

  #over(): void {
    if (this.#endedAtMs !== undefined) return;
    this.#endedAtMs = this.#deps.clock.now();
    this.#spoken.resolve();
    if (!this.#cut) this.#tries.finish();
  }

  /** A segment's candidates are known when its facts are. A rule that throws leaves those of its start. */
  #settle(facts: UtteranceFacts): void {
    try {
      const { decision, candidates, shadow } = this.#deps.route(facts);
      this.#decision = { ...decision, mode: 'segment' };
      this.#candidates = candidates;
      this.#shadow = shadow;
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
      if (answer) return this.#answered(answer);
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
      return await this.#rounds.pass(this.#candidates, this.#stop.signal);
    } finally {
      leave();
    }
  }

  #mayTryAgain(): boolean {
    if (!this.#rounds.mayRecover || this.#stop.signal.aborted || this.#deps.isFinishing()) return false;
    const { bounds, clock } = this.#deps;
    return this.#endedAtMs === undefined || clock.now() - this.#endedAtMs < bounds.persistMs;
  }

  #answered({ result, candidate }: RoundAnswer): SttOutcome {
    const { clock, instances } = this.#deps;
    const vendor = instances.describe<'stt'>(candidate)?.vendor.id ?? null;
    const isPart = result.isCutShort || result.isContinued;
    const shadow = isPart ? undefined : this.#compared(candidate);
    return {
      ...this.#closed(result.record.outcome === 'empty' ? 'empty' : 'answered'),
      ...answerColumns(result, candidate, vendor, clock),
      ...(shadow ? { shadow } : {}),
      ...(result.isContinued ? { continues: true } : {}),
    };
  }

  /** A share of what was answered goes to somebody else as well, who gets the audio nobody needs any more. */
  #compared(answered: Candidate): SttOutcome['shadow'] {
    const { options, random, shadows } = this.#deps;
    const candidate = this.#shadow;
    if (!shadows || !candidate || candidate.address === answered.address) return undefined;
    if (random() >= (this.#decision.shadow?.share ?? 0)) return undefined;
    return shadows.run({ candidate, audio: this.audio.handedOver(), options });
  }

  #closed(status: SttOutcome['status']): SttOutcome {
    return {
      ...unanswered(status),
      decision: this.#decision,
      attempts: this.#tries.attempts,
      lostMs: status === 'lost' ? Math.round(this.#samples / SAMPLES_PER_MS) : 0,
      costMicroUsd: this.#tries.costMicroUsd,
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
    this.#tries.leaveStream();
    this.audio.release();
    this.#deps.onKept(-this.#keptSamples);
    this.#keptSamples = 0;
    this.#deps.pool.leave(this);
  }
}
