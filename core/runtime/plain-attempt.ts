import type { Clock, ProviderError, Usage } from '../contracts/index.ts';
import { toProviderError } from './deadline.ts';
import type { Health } from './health.ts';
import type { ProviderInstances } from './instances.ts';
import type { PriceBook } from './prices.ts';
import type { Attempt, Candidate } from './types.ts';

export interface PlainDeps {
  instances: ProviderInstances;
  health: Health;
  clock: Clock;
  prices: PriceBook;
}

/** One attempt of a kind that is asked and answers, with nothing to replay: its times, its cost, and whose fault it was. */
export class PlainAttempt {
  readonly record: Attempt;
  readonly #deps: PlainDeps;
  readonly #candidate: Candidate;
  readonly #begunAtMs: number;

  constructor(deps: PlainDeps, candidate: Candidate, model: string, mode: Attempt['mode']) {
    this.#deps = deps;
    this.#candidate = candidate;
    this.#begunAtMs = deps.clock.now();
    this.record = {
      address: candidate.address,
      purpose: 'answer',
      model,
      mode,
      outcome: 'answered',
      startedAt: deps.clock.date().toISOString(),
      queueMs: 0,
      durationMs: 0,
      firstByteMs: 0,
      replayedMs: 0,
      usage: [],
      costMicroUsd: 0,
    };
  }

  answered(usage: Usage[] = []): void {
    this.#end(usage);
    this.#deps.health.answered(this.#candidate, { sentAtMs: this.#begunAtMs, isEmpty: false });
  }

  /** What came before the fault may have been billed all the same. */
  failed(thrown: unknown, usage: Usage[] = []): ProviderError {
    const error = toProviderError(thrown);
    const { instances, health } = this.#deps;
    instances.sayIfBroken(this.#candidate, error);
    this.record.outcome = error.code === 'aborted' ? 'aborted' : 'failed';
    this.record.error = { code: error.code, blame: error.blame };
    if (error.vendorCode !== undefined) this.record.error.vendorCode = error.vendorCode;
    if (error.requestId !== undefined) this.record.requestId = error.requestId;
    this.#end(usage);
    health.failed(this.#candidate, error, { mode: this.record.mode, begunAtMs: this.#begunAtMs });
    return error;
  }

  #end(usage: Usage[]): void {
    const { clock, prices } = this.#deps;
    const { address, mode } = this.record;
    this.record.durationMs = Math.round(clock.now() - this.#begunAtMs);
    this.record.usage = usage;
    this.record.costMicroUsd = prices.costMicroUsd(address, mode, usage);
  }
}
