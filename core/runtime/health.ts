import type { Kind, ProviderError } from '../contracts/index.ts';
import type { BreakerState } from './breaker.ts';
import type { Attempt, Candidate, UtteranceFacts } from './types.ts';

/** A failed attempt, as far as health asks. */
export interface FailureSeen {
  /** How it was asked: a probe asks in the same way. */
  mode: Attempt['mode'];
  /** Monotonic ms: an attempt from before a probe found all well says nothing of now. */
  begunAtMs: number;
}

/** An answer, as far as health asks. */
export interface AnswerSeen {
  /** Monotonic ms of its first byte: an answer that was on its way before an outage says nothing of it. */
  sentAtMs: number;
  /** Whether nothing was heard in it. */
  isEmpty: boolean;
  /** Of the utterance, where there is one and it is known. */
  facts?: UtteranceFacts | undefined;
}

/** What is known of candidates between attempts. One per process, so that an outage is learned once, not per session. */
export interface Health {
  /** Monotonic ms until which others go first; in the past or 0 when it may be used, Infinity until a probe found it well. */
  restsUntilMs(candidate: Candidate): number;
  /** It hears nothing where others hear words: it goes last. */
  isDegraded(candidate: Candidate): boolean;
  /** Only faults of vendor and network count. */
  failed(candidate: Candidate, error: ProviderError, failure?: FailureSeen): void;
  /** Without `answer`: whatever was held against it is forgotten. */
  answered(candidate: Candidate, answer?: AnswerSeen): void;
  /** Somebody else was asked in its place: when its rest is over, now is the time for a probe. */
  passedOver(candidate: Candidate): void;
  /** Takes one immediate retry from its vendor's budget; false when none is left. */
  mayRetry(candidate: Candidate): boolean;
  /** It is given something now: several keys of one vendor are used in turn. */
  used(candidate: Candidate): void;
  /** How often it was used, for comparing keys of one address. */
  uses(candidate: Candidate): number;
}

/** Who a health is kept of. */
export interface HealthSubject {
  /** Names it in every process; holds no key. */
  key: string;
  kind: Kind;
  /** `stt/acme` or `stt/acme:model`, as it was last asked for. */
  address: string;
  model: string;
  /** Fingerprint of the credential: the same in every process, nothing is learnt from it. */
  credential: string;
}

/** One candidate's health, for an administrator. */
export interface HealthStatus extends HealthSubject {
  /** `limited`: it asked for a rest, or its settings are wrong; it is no failure. */
  state: BreakerState | 'limited';
  since: Date;
  /** End of the rest, or when a probe is due; null while there is none. */
  until: Date | null;
  /** Attempts and failures of the last 30 s. */
  window: { attempts: number; failed: number };
  /** Error code of the last failure that was held against it. */
  lastError: string | null;
  lastErrorAt: Date | null;
  degraded: boolean;
}

/** A turn for the worse or for the better, told once: a candidate that comes and goes is told of once it stays. */
export interface HealthChange extends HealthSubject {
  what: 'degraded' | 'recovered';
  /** Error code, or `empty` for one that hears nothing; of a recovery: what it recovered from. */
  reason: string;
}

/** What other processes are told: a verdict, not each step to it. */
export interface HealthNews extends HealthSubject {
  state: 'open' | 'closed';
  degraded: boolean;
  reason: string | null;
  /** Milliseconds of rest that were left when it was told. */
  restMs: number;
}
