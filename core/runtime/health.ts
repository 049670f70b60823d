import type { Clock, ProviderError } from '../contracts/index.ts';
import { RetryBudget } from './retry-budget.ts';
import { type Attempt, type Candidate, candidateKey, type UtteranceFacts } from './types.ts';

/** An answer, as far as health asks. */
export interface AnswerSeen {
  /** Monotonic ms of its first byte: an answer that was on its way before an outage says nothing of it. */
  sentAtMs: number;
  /** Whether words were heard, or anything at all was said. */
  isEmpty: boolean;
  /** Of the utterance, where there is one and it is known. */
  facts?: UtteranceFacts | undefined;
}

/** What is known of candidates between attempts. One per process, so that an outage is learned once, not per session. */
export interface Health {
  /** Monotonic ms until which others go first; in the past or 0 when it may be used. */
  restsUntilMs(candidate: Candidate): number;
  /** Only faults of vendor and network count; `mode` is how it was asked. */
  failed(candidate: Candidate, error: ProviderError, mode?: Attempt['mode']): void;
  /** Without `answer`: whatever was held against it is forgotten. */
  answered(candidate: Candidate, answer?: AnswerSeen): void;
  /** Takes one immediate retry from its vendor's budget; false when none is left. */
  mayRetry(candidate: Candidate): boolean;
  /** It is given something now: several keys of one vendor are used in turn. */
  used(candidate: Candidate): void;
  /** How often it was used, for comparing keys of one address. */
  uses(candidate: Candidate): number;
}

const REST_MS = 10_000;
/** Somebody has to change a key or pay a bill: asking every ten seconds helps nobody. */
const CONFIG_REST_MS = 60_000;
const LONGEST_REST_MS = 120_000;

/**
 * The simplest health: a candidate that failed lets the others go first for a while. It never takes the last candidate
 * away: with all of them at rest, they are tried in their order.
 */
export class CoolDown implements Health {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();
  readonly #uses = new Map<string, number>();
  readonly #retries: RetryBudget;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#retries = new RetryBudget(clock);
  }

  restsUntilMs(candidate: Candidate): number {
    return this.#until.get(candidateKey(candidate)) ?? 0;
  }

  failed(candidate: Candidate, error: ProviderError): void {
    const restMs = restFor(error);
    if (restMs > 0) this.#until.set(candidateKey(candidate), this.#clock.now() + restMs);
  }

  answered(candidate: Candidate): void {
    this.#until.delete(candidateKey(candidate));
  }

  mayRetry(candidate: Candidate): boolean {
    return this.#retries.take(candidate.provider.vendor.id);
  }

  used(candidate: Candidate): void {
    this.#retries.attempted(candidate.provider.vendor.id);
    this.#uses.set(candidateKey(candidate), this.uses(candidate) + 1);
  }

  uses(candidate: Candidate): number {
    return this.#uses.get(candidateKey(candidate)) ?? 0;
  }
}

/** Only faults of vendor, network and configuration count; an aborted call, an empty utterance and our own bugs never do. */
function restFor(error: ProviderError): number {
  if (error.code === 'auth' || error.code === 'quota') return CONFIG_REST_MS;
  if (error.blame === 'core' || error.blame === 'caller') return 0;
  if (error.code === 'rate_limited') return Math.min(error.retryAfterMs ?? REST_MS, LONGEST_REST_MS);
  return REST_MS;
}
