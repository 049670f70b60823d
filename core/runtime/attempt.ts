import {
  type Clock,
  CORE_SAMPLE_RATE_HZ,
  type Log,
  ProviderError,
  type SttCapabilities,
  type SttOptions,
  type Transcript,
  type Usage,
} from '../contracts/index.ts';
import type { Purpose } from '../store/interaction.ts';
import type { SttBounds } from './bounds.ts';
import type { FailureSeen } from './health.ts';
import type { Described, ProviderInstances } from './instances.ts';
import type { PriceBook } from './prices.ts';
import type { UtteranceAudio } from './ring.ts';
import type { Attempt, Candidate } from './types.ts';

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;

/** What every attempt of a session shares. */
export interface AttemptDeps {
  instances: ProviderInstances;
  clock: Clock;
  log: Log;
  prices: PriceBook;
  bounds: SttBounds;
  options: SttOptions;
}

/** One utterance for one candidate. */
export interface AttemptInput {
  candidate: Candidate;
  described: Described<'stt'>;
  purpose: Purpose;
  audio: UtteranceAudio;
  /** Samples of it that an earlier attempt was already given. */
  givenSamples: number;
  /** How long to wait for a free place at the credential. */
  queueMs: number;
  /** Fires when nobody wants the answer any more. */
  signal: AbortSignal;
  /** Takes a place at the credential only while nobody else wants it; called when somebody does. */
  revoke?: () => void;
}

interface Ended {
  record: Attempt;
  /** Samples of the utterance this attempt handed over. */
  givenSamples: number;
}

export interface Answered extends Ended {
  outcome: 'answered';
  transcript: Transcript;
  /** First byte of the utterance: wall clock and monotonic. */
  sentAt: Date;
  sentAtMs: number;
  /** What it says ends before the sound does: the utterance was too long, and another one goes on with the rest. */
  isCutShort?: boolean;
  /** It went on on a stream that had heard what was before it: nothing of that is repeated. */
  isContinued?: boolean;
}

export interface Failed extends Ended {
  outcome: 'failed';
  error: ProviderError;
  /** Monotonic ms. */
  begunAtMs: number;
  /** Whether the vendor had said anything before it failed. */
  hadOutput: boolean;
  /** Took the audio and said nothing until the deadline: a fault only if another one hears words in it. */
  wasSilent: boolean;
}

export type AttemptResult = Answered | Failed;

/** Takes the times and the cost of one attempt. */
export class AttemptMeter {
  readonly #deps: AttemptDeps;
  readonly #input: AttemptInput;
  readonly #mode: Attempt['mode'];
  readonly #begunMs: number;
  readonly #startedAt: string;
  #queueMs = 0;
  #sentAt: Date | undefined;
  #sentAtMs: number | undefined;
  #givenSamples = 0;

  constructor(deps: AttemptDeps, input: AttemptInput, mode: Attempt['mode']) {
    this.#deps = deps;
    this.#input = input;
    this.#mode = mode;
    this.#begunMs = deps.clock.now();
    this.#startedAt = deps.clock.date().toISOString();
  }

  queued(ms: number): void {
    this.#queueMs = ms;
  }

  /** `samples` more of the utterance were handed over, at the core's rate. */
  gave(samples: number): void {
    this.#sentAt ??= this.#deps.clock.date();
    this.#sentAtMs ??= this.#deps.clock.now();
    this.#givenSamples += samples;
  }

  get givenSamples(): number {
    return this.#givenSamples;
  }

  answered(transcript: Transcript, usage: Usage[]): Answered {
    const outcome = transcript.text.trim() === '' ? 'empty' : 'answered';
    return {
      outcome: 'answered',
      transcript,
      record: this.#record(outcome, usage, transcript.requestId, transcript.model),
      givenSamples: this.#givenSamples,
      sentAt: this.#sentAt ?? this.#deps.clock.date(),
      sentAtMs: this.#sentAtMs ?? this.#deps.clock.now(),
    };
  }

  failed(error: ProviderError, usage: Usage[] = [], said: { hadOutput?: boolean; wasSilent?: boolean } = {}): Failed {
    const record = this.#record(error.code === 'aborted' ? 'aborted' : 'failed', usage, error.requestId);
    record.error = { code: error.code, blame: error.blame };
    this.#deps.instances.sayIfBroken(this.#input.candidate, error);
    if (error.vendorCode !== undefined) record.error.vendorCode = error.vendorCode;
    const { hadOutput = false, wasSilent = false } = said;
    const begunAtMs = this.#begunMs;
    return { outcome: 'failed', error, record, begunAtMs, givenSamples: this.#givenSamples, hadOutput, wasSilent };
  }

  #record(outcome: Attempt['outcome'], usage: Usage[], requestId?: string, model?: string): Attempt {
    const { address } = this.#input.candidate;
    const replayed = Math.min(this.#givenSamples, this.#input.givenSamples);
    return {
      address,
      purpose: this.#input.purpose,
      model: model ?? this.#input.described.model,
      mode: this.#mode,
      outcome,
      startedAt: this.#startedAt,
      queueMs: Math.round(this.#queueMs),
      durationMs: Math.max(0, Math.round(this.#deps.clock.now() - this.#begunMs - this.#queueMs)),
      firstByteMs: this.#sentAtMs === undefined ? null : Math.round(this.#sentAtMs - this.#begunMs),
      replayedMs: Math.round(replayed / SAMPLES_PER_MS),
      ...(requestId === undefined ? {} : { requestId }),
      usage,
      costMicroUsd: this.#deps.prices.costMicroUsd(address, this.#mode, usage),
    };
  }
}

/** A failed attempt as health asks for it. */
export function failureSeen({ record, begunAtMs }: Failed): FailureSeen {
  return { mode: record.mode, begunAtMs };
}

/** What a provider that bills by audio bills for `samples`, where its plugin does not say. */
export function audioUsage(capabilities: SttCapabilities, model: string, samples: number, rateHz: number): Usage[] {
  if (samples <= 0 || capabilities.billing !== 'audio') return [];
  return [{ unit: 'second', quantity: samples / rateHz, of: 'audio_in', model }];
}

/** A place at the credential, or null when none came free in time. */
export async function takePlace(
  deps: AttemptDeps,
  input: AttemptInput,
  signal: AbortSignal,
): Promise<(() => void) | null> {
  const places = deps.instances.places(input.candidate, input.described.capabilities.maxConcurrent);
  return input.revoke ? places.takeSpare(input.revoke) : places.take(input.queueMs, signal);
}

/** No place at the credential within the wait: our own queue, nobody's fault. */
export function noPlace(): ProviderError {
  return new ProviderError({
    code: 'rate_limited',
    scope: 'concurrency',
    blame: 'core',
    message: 'sem vaga livre nesta credencial',
  });
}
