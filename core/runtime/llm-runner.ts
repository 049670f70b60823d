import type { Clock, LlmRequest } from '../contracts/index.ts';
import { DEFAULT_LLM_BOUNDS, type LlmBounds } from './bounds.ts';
import { CandidateOrder } from './candidate-order.ts';
import type { Health } from './health.ts';
import type { ProviderInstances } from './instances.ts';
import { askOnce, type LlmAsked } from './llm-attempt.ts';
import type { PriceBook } from './prices.ts';
import type { Attempt, Candidate, Decision } from './types.ts';

export interface LlmRunnerOptions {
  /** Who is asked now, in order. */
  candidates(): { decision: Decision; candidates: readonly Candidate[] };
  instances: ProviderInstances;
  health: Health;
  clock: Clock;
  prices: PriceBook;
  bounds?: Partial<LlmBounds>;
}

export interface LlmCall<T> {
  /** Gets the parsed answer, already valid against the request's schema; throws when it will not do. */
  validate(value: unknown): T;
  signal: AbortSignal;
}

/** How a question to the models ended. */
export interface LlmOutcome<T> {
  status: 'answered' | 'failed' | 'no_provider';
  value: T | null;
  /** The answer as the model wrote it, bounded; null without an answer. */
  raw: string | null;
  address: string | null;
  /** Vendor id. */
  vendor: string | null;
  model: string | null;
  decision: Decision;
  attempts: Attempt[];
  /** Of the attempt that answered, else of the last one: wall clock and monotonic ms. */
  requestedAt: Date | null;
  answeredAt: Date | null;
  requestedAtMs: number | null;
  answeredAtMs: number | null;
  costMicroUsd: number;
}

/** Asks language models in order until one gives an answer that holds. All candidates together have one deadline. */
export class LlmRunner {
  readonly #options: LlmRunnerOptions;
  readonly #bounds: LlmBounds;

  constructor(options: LlmRunnerOptions) {
    this.#options = options;
    this.#bounds = { ...DEFAULT_LLM_BOUNDS, ...options.bounds };
  }

  /** Never rejects for what a vendor did, nor when `signal` fires: that is in the outcome. */
  async complete<T>(request: LlmRequest, call: LlmCall<T>): Promise<LlmOutcome<T>> {
    const { clock, health, instances } = this.#options;
    const { decision, candidates } = this.#options.candidates();
    const outcome = noAnswer<T>(decision);
    const order = new CandidateOrder(candidates, health, clock.now());
    const untilMs = clock.now() + this.#bounds.totalMs;
    while (order.left > 0 && !call.signal.aborted && clock.now() < untilMs) {
      const candidate = order.next(() => true);
      const described = candidate && instances.describe<'llm'>(candidate);
      if (!candidate || !described) continue;
      const ms = this.#shareMs(untilMs - clock.now(), order.left > 0);
      const asked = await askOnce(
        { ...this.#options, bounds: this.#bounds },
        { candidate, described, request, call, ms },
      );
      note(outcome, asked, described.vendor.id);
      if (!asked.error) {
        health.answered(candidate, { sentAtMs: asked.requestedAtMs, isEmpty: false });
        return outcome;
      }
      order.failed(candidate, asked.error);
      // Given less than its first token may take, by those before it: that it did not answer says nothing of it.
      if (asked.error.code === 'timeout' && ms < this.#bounds.firstTokenMs) continue;
      health.failed(candidate, asked.error, { mode: asked.attempt.mode, begunAtMs: asked.requestedAtMs });
    }
    return outcome;
  }

  /** What is left, less what those behind it need, but never so little that nobody could answer. */
  #shareMs(leftMs: number, hasNext: boolean): number {
    const { reserveMs } = this.#bounds;
    return hasNext ? Math.max(leftMs - reserveMs, leftMs / 2) : leftMs;
  }
}

function noAnswer<T>(decision: Decision): LlmOutcome<T> {
  return {
    status: 'no_provider',
    value: null,
    raw: null,
    address: null,
    vendor: null,
    model: null,
    decision,
    attempts: [],
    requestedAt: null,
    answeredAt: null,
    requestedAtMs: null,
    answeredAtMs: null,
    costMicroUsd: 0,
  };
}

function note<T>(outcome: LlmOutcome<T>, asked: LlmAsked<T>, vendor: string): void {
  outcome.attempts.push(asked.attempt);
  outcome.costMicroUsd += asked.attempt.costMicroUsd;
  outcome.requestedAt = asked.requestedAt;
  outcome.requestedAtMs = asked.requestedAtMs;
  if (asked.error) {
    outcome.status = 'failed';
    return;
  }
  outcome.status = 'answered';
  outcome.value = asked.value;
  outcome.raw = asked.raw;
  outcome.address = asked.attempt.address;
  outcome.vendor = vendor;
  outcome.model = asked.attempt.model ?? null;
  outcome.answeredAt = asked.answeredAt;
  outcome.answeredAtMs = asked.answeredAtMs;
}
