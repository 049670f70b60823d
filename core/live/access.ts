import { EVERYONE, type LiveEvent } from './events.ts';

/** Clients in which somebody may do something; null: in every one. */
type Where = readonly string[] | null;

/** Whose counters somebody may watch, and of which of them read what is said. Fixed: what changes ends the stream. */
export class LiveAccess {
  readonly #seen: ReadonlySet<string> | null;
  readonly #read: ReadonlySet<string> | null;
  /** The same for the same rights. */
  readonly sign: string;
  readonly seenWhere: Where;
  readonly readWhere: Where;

  /** `only`: the one client that was asked for. */
  constructor(seen: Where, read: Where, only?: string) {
    const narrow = (where: Where): Where => {
      if (only === undefined) return where;
      return where === null || where.includes(only) ? [only] : [];
    };
    this.seenWhere = narrow(seen);
    this.readWhere = narrow(read);
    this.#seen = this.seenWhere && new Set(this.seenWhere);
    this.#read = this.readWhere && new Set(this.readWhere);
    this.sign = JSON.stringify([
      this.seenWhere && [...this.seenWhere].sort(),
      this.readWhere && [...this.readWhere].sort(),
    ]);
  }

  /** Whether anything that is said is shown. */
  get readsAnything(): boolean {
    return this.#read === null || this.#read.size > 0;
  }

  /** Whether an event about this client is shown; null: of the installation. */
  sees(clientId: LiveEvent['clientId']): boolean {
    if (clientId === EVERYONE || this.#seen === null) return true;
    return clientId !== null && this.#seen.has(clientId);
  }

  /** Whether what is said at this client's counters is shown. */
  reads(clientId: LiveEvent['clientId']): boolean {
    if (this.#read === null) return true;
    return typeof clientId === 'string' && this.#read.has(clientId);
  }
}
