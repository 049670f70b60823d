import type { ProviderError } from '../contracts/index.ts';
import type { Health } from './health.ts';
import type { Candidate } from './types.ts';

/** Errors another key of the same vendor may not have. */
const OF_THE_KEY: ReadonlySet<string> = new Set(['auth', 'quota', 'rate_limited']);

/** The candidates of one round, each once: those at rest last, in the order routing chose otherwise. */
export class CandidateOrder {
  #left: Candidate[];

  constructor(candidates: readonly Candidate[], health: Health, nowMs: number) {
    const rests = (candidate: Candidate) => health.restsUntilMs(candidate) > nowMs;
    this.#left = [...candidates.filter((each) => !rests(each)), ...candidates.filter(rests)];
  }

  get left(): number {
    return this.#left.length;
  }

  /** The next one for which `suits` holds, else the next one. */
  next(suits: (candidate: Candidate) => boolean): Candidate | undefined {
    const chosen = this.#left.find(suits) ?? this.#left[0];
    this.#left = this.#left.filter((each) => each !== chosen);
    return chosen;
  }

  /** A fault that is not the key's is the vendor's: its other keys come after the other vendors. */
  failed(candidate: Candidate, error: ProviderError): void {
    if (OF_THE_KEY.has(error.code)) return;
    const isSame = (each: Candidate) => each.address === candidate.address;
    this.#left = [...this.#left.filter((each) => !isSame(each)), ...this.#left.filter(isSame)];
  }
}
