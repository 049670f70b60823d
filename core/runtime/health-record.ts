import type { ProviderErrorCode } from '../contracts/index.ts';
import type { Breaker } from './breaker.ts';
import { EmptyWatch } from './empty-watch.ts';
import type { HealthStatus, HealthSubject } from './health.ts';
import type { Attempt, Candidate } from './types.ts';

/** Everything that is known of one candidate's health. Times are monotonic milliseconds. */
export class HealthRecord {
  readonly subject: HealthSubject;
  readonly breaker: Breaker;
  readonly watch = new EmptyWatch();
  /** As it was last asked for: a probe uses these settings. */
  candidate: Candidate;
  uses = 0;
  isDegraded = false;
  /** When a degraded one may be asked whether it hears again. */
  hearsAgainAtMs = 0;
  /** How the attempt that failed last was made. */
  mode: Attempt['mode'] | undefined;
  lastError: { code: ProviderErrorCode; atMs: number } | null = null;
  cancelDoubt: () => void = () => undefined;
  /** What other processes were told last. */
  told: { state: 'open' | 'closed'; degraded: boolean } = { state: 'closed', degraded: false };
  #limit = { sinceMs: 0, untilMs: 0 };
  #degradedSinceMs = 0;

  constructor(subject: HealthSubject, candidate: Candidate, breaker: Breaker) {
    this.subject = subject;
    this.candidate = candidate;
    this.breaker = breaker;
  }

  get restsUntilMs(): number {
    return Math.max(this.breaker.restsUntilMs(), this.#limit.untilMs);
  }

  /** It may be asked again after `ms`, by time alone: no failure. */
  rest(nowMs: number, ms: number): void {
    this.#limit = { sinceMs: nowMs, untilMs: nowMs + ms };
  }

  noted(nowMs: number, code: ProviderErrorCode, mode: Attempt['mode'] | undefined): void {
    this.lastError = { code, atMs: nowMs };
    this.mode = mode ?? this.mode;
  }

  degrade(nowMs: number, isDegraded: boolean): void {
    if (isDegraded && !this.isDegraded) this.#degradedSinceMs = nowMs;
    this.isDegraded = isDegraded;
  }

  forgive(nowMs: number): void {
    this.breaker.forgive(nowMs);
    this.watch.clear();
    this.rest(nowMs, 0);
    this.degrade(nowMs, false);
  }

  /** `date` turns monotonic milliseconds into the wall clock. */
  status(nowMs: number, date: (ms: number) => Date): HealthStatus {
    const { breaker } = this;
    const isLimited = breaker.state === 'closed' && this.#limit.untilMs > nowMs;
    const closedSinceMs = this.isDegraded ? this.#degradedSinceMs : breaker.sinceMs;
    return {
      ...this.subject,
      state: isLimited ? 'limited' : breaker.state,
      since: date(isLimited ? this.#limit.sinceMs : breaker.state === 'closed' ? closedSinceMs : breaker.sinceMs),
      until: isLimited ? date(this.#limit.untilMs) : breaker.state === 'closed' ? null : date(breaker.untilMs),
      window: breaker.counts(nowMs),
      lastError: this.lastError?.code ?? null,
      lastErrorAt: this.lastError ? date(this.lastError.atMs) : null,
      degraded: this.isDegraded,
    };
  }
}
