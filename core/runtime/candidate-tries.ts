import type { AttemptDeps, AttemptInput, AttemptResult } from './attempt.ts';
import { batchAttempt } from './batch-attempt.ts';
import { abortedError, wait } from './deadline.ts';
import type { Health } from './health.ts';
import type { UtteranceAudio } from './ring.ts';
import type { StreamLanes } from './stream-lanes.ts';
import type { StreamTurn } from './stream-turn.ts';
import type { Attempt, Candidate, Decision, UtteranceFacts } from './types.ts';

/** What those who are tried for an utterance may see of it. */
export interface Spoken {
  readonly segment: number;
  readonly mode: Decision['mode'];
  readonly audio: UtteranceAudio;
  /** Resolves when speech is over. */
  readonly over: Promise<void>;
  /** Monotonic ms of its end; undefined while it goes on. */
  readonly endedAtMs: number | undefined;
  /** What was said up to this sample will not change any more, and speech goes on. */
  onFinalThrough(samples: number): void;
  /** Whether the next candidate may be started beside a slow one. */
  readonly hedges: boolean;
  /** What it was; undefined while that is not known. */
  readonly facts: UtteranceFacts | undefined;
}

/** What trying needs of the session and the process. */
export interface TriesDeps extends AttemptDeps {
  lanes: StreamLanes;
  health: Health;
  /** 0 (included) to 1 (excluded). */
  random: () => number;
  onPartial(segment: number, text: string): void;
  onAttempt(segment: number, attempt: Attempt): void;
}

/** The stream an utterance is being said on. */
interface Live {
  turn: StreamTurn;
  /** Candidate, key and settings it was opened with. */
  configuration: string;
}

/** How one candidate is tried. */
export interface TryHow {
  /** What for; one that was tried for this utterance before is a retry. */
  purpose: 'answer' | 'hedge';
  /** Whether another candidate stands behind this one. */
  hasNext: boolean;
  /** Fires when nobody wants this candidate's answer any more. */
  signal: AbortSignal;
}

/** Attempts kept for the record: an outage tries more often than anyone reads. */
const MAX_RECORDED = 50;

/** The attempts at one utterance, each recorded: who was tried how, and what it cost. */
export class CandidateTries {
  readonly attempts: Attempt[] = [];
  readonly #deps: TriesDeps;
  readonly #spoken: Spoken;
  #costMicroUsd = 0;
  #givenSamples = 0;
  #live: Live | undefined;
  /** The stream this utterance is on already, until somebody is tried. */
  #continued: Live | undefined;
  readonly #tried = new Set<Candidate>();

  constructor(deps: TriesDeps, spoken: Spoken) {
    this.#deps = deps;
    this.#spoken = spoken;
  }

  get costMicroUsd(): number {
    return this.#costMicroUsd;
  }

  /** The stream it is being said on now. */
  get live(): Live | undefined {
    return this.#live;
  }

  /** It goes on on this stream, if its first candidate is of the same settings. */
  goOn(continued: Live): void {
    this.#continued = continued;
  }

  /** More audio is in the ring. */
  onAudio(): void {
    (this.#live ?? this.#continued)?.turn.onAudio();
  }

  /** Speech is over. */
  finish(): void {
    (this.#live ?? this.#continued)?.turn.finish();
  }

  /** Nobody goes on on the stream it was on: it is heard again, from its first sample. */
  leaveStream(): void {
    this.#continued?.turn.drop(abortedError());
    this.#continued = undefined;
  }

  /** Tries one candidate, again after a short random wait when it failed before it said anything. Null when it is unknown. */
  async candidate(candidate: Candidate, how: TryHow): Promise<AttemptResult | null> {
    const { bounds, clock, health, random } = this.#deps;
    for (let tries = 0; ; tries++) {
      const result = await this.#guarded(candidate, how);
      if (!result || result.outcome === 'answered' || tries >= bounds.retries) return result;
      const { code } = result.error;
      if ((code !== 'connection' && code !== 'server') || result.hadOutput) return result;
      if (!health.mayRetry(candidate)) return result;
      const { min, max } = bounds.retryWaitMs;
      await wait(clock, min + random() * (max - min), how.signal);
      if (how.signal.aborted) return result;
    }
  }

  /** Capabilities that make no sense must cost their own candidate only. */
  async #guarded(candidate: Candidate, how: TryHow): Promise<AttemptResult | null> {
    try {
      return await this.#attempt(candidate, how);
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#deps.log.error({ provider: candidate.address, error: name }, 'a candidate could not be tried');
      return null;
    }
  }

  async #attempt(candidate: Candidate, { purpose, hasNext, signal }: TryHow): Promise<AttemptResult | null> {
    const described = this.#deps.instances.describe<'stt'>(candidate);
    if (!described) return null;
    const input: AttemptInput = {
      candidate,
      described,
      purpose: this.#tried.has(candidate) ? 'retry' : purpose,
      audio: this.#spoken.audio,
      givenSamples: this.#givenSamples,
      // With nobody behind it, waiting longer is better than losing what was said.
      queueMs: this.#deps.bounds.queueMs * (hasNext ? 1 : 10),
      signal,
    };
    this.#tried.add(candidate);
    const { streaming } = described.capabilities;
    const isStreamed = streaming && this.#spoken.mode === 'stream';
    if (!isStreamed || this.#continued?.configuration !== described.configuration) this.leaveStream();
    if (isStreamed) return this.#noted(await this.#stream(input));
    await this.#spoken.over;
    const result = this.#noted(await batchAttempt(this.#deps, input));
    const cannot = result.outcome === 'failed' && result.error.code === 'unsupported' && streaming;
    return cannot && !signal.aborted ? this.#noted(await this.#stream(input)) : result;
  }

  async #stream(input: AttemptInput): Promise<AttemptResult> {
    const continued = this.#continued?.turn;
    this.#continued = undefined;
    const result = await this.#deps.lanes.attempt({
      ...input,
      continued,
      onPartial: (text) => this.#deps.onPartial(this.#spoken.segment, text),
      onFinalThrough: (samples) => this.#spoken.onFinalThrough(samples),
      onTurn: (turn) => {
        this.#live = { turn, configuration: input.described.configuration };
        if (this.#spoken.endedAtMs !== undefined) turn.finish();
      },
    });
    this.#live = undefined;
    return result;
  }

  #noted(result: AttemptResult): AttemptResult {
    this.#givenSamples = Math.max(this.#givenSamples, result.givenSamples);
    this.#costMicroUsd += result.record.costMicroUsd;
    // What was billed is in the ledger, however long an outage takes.
    if (this.attempts.length < MAX_RECORDED || result.record.usage.length > 0) this.attempts.push(result.record);
    this.#deps.onAttempt(this.#spoken.segment, result.record);
    return result;
  }
}
