import type { Clock, Log } from '../contracts/index.ts';
import { keytermsOf, type Named } from '../pharmacy/keyterms.ts';

/** A catalogue changes a few times a day; a session that is open keeps the terms it began with. */
const FRESH_MS = 5 * 60_000;
const MAX_CLIENTS = 10_000;

/** Key terms of the clients whose counters are here, remembered so that a shop full of counters asks once. */
export class Keyterms {
  readonly #names: (clientId: string, limit: number) => Promise<Named[]>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limit: number;
  readonly #known = new Map<string, { terms: string[]; atMs: number }>();

  /** `names` gives a client's own products; `limit` 0 turns key terms off. */
  constructor(options: {
    names: (clientId: string, limit: number) => Promise<Named[]>;
    clock: Clock;
    log: Log;
    limit: number;
  }) {
    this.#names = options.names;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#limit = options.limit;
  }

  /** Terms as last loaded; none before. */
  of(clientId: string): string[] {
    return this.#known.get(clientId)?.terms ?? [];
  }

  /** Never rejects: without terms people are still understood. */
  async load(clientId: string): Promise<void> {
    const known = this.#known.get(clientId);
    if (this.#limit === 0 || (known && this.#clock.now() - known.atMs < FRESH_MS)) return;
    try {
      // A name gives up to two terms, and many products share a substance.
      const terms = keytermsOf(await this.#names(clientId, this.#limit * 4), this.#limit);
      this.#known.delete(clientId);
      this.#known.set(clientId, { terms, atMs: this.#clock.now() });
      const oldest = this.#known.keys().next().value;
      if (this.#known.size > MAX_CLIENTS && oldest !== undefined) this.#known.delete(oldest);
    } catch (error) {
      this.#log.warn({ code: (error as { code?: unknown }).code }, 'key terms could not be read');
    }
  }
}
