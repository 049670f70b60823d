import type { Clock, ProviderError } from '../contracts/index.ts';
import { type Candidate, candidateKey } from './types.ts';

/** What is known of candidates between attempts. One per process, so that an outage is learned once, not per session. */
export interface Health {
  /** Monotonic ms until which others go first; in the past or 0 when it may be used. */
  restsUntilMs(candidate: Candidate): number;
  failed(candidate: Candidate, error: ProviderError): void;
  answered(candidate: Candidate): void;
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

  constructor(clock: Clock) {
    this.#clock = clock;
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

  used(candidate: Candidate): void {
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
