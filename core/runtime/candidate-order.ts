import type { ProviderError } from '../contracts/index.ts';
import type { Health } from './health.ts';
import type { Candidate } from './types.ts';

/** Errors another key of the same vendor may not have. */
const OF_THE_KEY: ReadonlySet<string> = new Set(['auth', 'quota', 'rate_limited']);

/**
 * The candidates of one round, each once, in the order routing chose; but those at rest go after the others, and one that
 * hears nothing goes last. Several keys of one address take turns: the one used least goes first, unless `holds` says that
 * a connection of another is open.
 */
export class CandidateOrder {
  readonly #health: Health;
  #left: Candidate[];

  constructor(
    candidates: readonly Candidate[],
    health: Health,
    nowMs: number,
    holds: (candidate: Candidate) => boolean = () => false,
  ) {
    this.#health = health;
    const rank = (candidate: Candidate) =>
      health.isDegraded(candidate) ? 2 : health.restsUntilMs(candidate) > nowMs ? 1 : 0;
    const turns = [...Map.groupBy(candidates, ({ address }) => address).values()].flatMap((keys) =>
      keys.length < 2 ? keys : this.#inTurn(keys, holds),
    );
    const ranks = Map.groupBy(turns, rank);
    const [well = [], resting = [], degraded = []] = [ranks.get(0), ranks.get(1), ranks.get(2)];
    // With nobody well, real words are as good a question as a probe.
    if (well.length > 0) for (const each of [...resting, ...degraded]) health.passedOver(each);
    this.#left = [...well, ...resting, ...degraded];
  }

  get left(): number {
    return this.#left.length;
  }

  /** The next one for which `suits` holds, else the next one. */
  next(suits: (candidate: Candidate) => boolean): Candidate | undefined {
    return this.take(suits) ?? this.take(() => true);
  }

  /** The next one for which `suits` holds; undefined when there is none. */
  take(suits: (candidate: Candidate) => boolean): Candidate | undefined {
    const chosen = this.#left.find(suits);
    this.#left = this.#left.filter((each) => each !== chosen);
    if (chosen) this.#health.used(chosen);
    return chosen;
  }

  /** A fault that is not the key's is the vendor's: its other keys come after the other vendors. */
  failed(candidate: Candidate, error: ProviderError): void {
    if (OF_THE_KEY.has(error.code)) return;
    const isSame = (each: Candidate) => each.address === candidate.address;
    this.#left = [...this.#left.filter((each) => !isSame(each)), ...this.#left.filter(isSame)];
  }

  #inTurn(keys: Candidate[], holds: (candidate: Candidate) => boolean): Candidate[] {
    const rank = (key: Candidate) => (holds(key) ? -1 : this.#health.uses(key));
    return keys
      .map((key) => ({ key, rank: rank(key) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ key }) => key);
  }
}
