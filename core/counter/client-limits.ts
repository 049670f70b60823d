import type { Clock, Log } from '../contracts/index.ts';
import type { Limits } from '../routing/types.ts';
import { Places } from '../runtime/places.ts';
import type { CounterPlaces } from '../store/counter-places.ts';

export interface ClientLimitsOptions {
  limitsOf(clientId: string): Limits;
  /** Counters of other processes; null: this one is alone. */
  shared: { processId: string; places: Pick<CounterPlaces, 'reserve' | 'others'> } | null;
  clock: Clock;
  log: Log;
}

/** Whether one more counter of a client may come in, asked when it does: so many of it are open here. */
export type Admission = (own: number) => boolean;

/** How often it is asked how a client's counters are spread over the processes. */
const SPREAD_MS = 2000;

interface Client {
  places: Places;
  /** Sessions here, and at the other processes. */
  own: number;
  others: number;
}

/**
 * What one client may take of what all share: counters on line, exactly, over all processes; and utterances in flight, of
 * which each process has the share that its counters are of the client's. What is above waits, in memory, and is not lost.
 */
export class ClientLimits {
  readonly #options: ClientLimitsOptions;
  readonly #clients = new Map<string, Client>();
  /** Counters that are being asked for, by client. */
  readonly #asking = new Map<string, number>();
  #cancel: () => void = () => {};
  #isLooking = false;
  #closed = false;

  constructor(options: ClientLimitsOptions) {
    this.#options = options;
  }

  /**
   * @param own counters of the client that are open here now.
   * Rejects when nobody can tell how many the other processes serve.
   */
  async admission(clientId: string, own: number): Promise<Admission> {
    const { limitsOf, shared } = this.#options;
    const most = limitsOf(clientId).counters;
    if (most === undefined) return () => true;
    if (!shared) return (now) => now < most;
    const asking = this.#asking.get(clientId) ?? 0;
    this.#asking.set(clientId, asking + 1);
    try {
      const others = await shared.places.reserve(shared.processId, clientId, { own: own + asking, most });
      // Only who has said so to the others may come in, even if a place is free by now.
      return others === null ? () => false : (now) => now + others < most;
    } finally {
      this.#answered(clientId);
    }
  }

  #answered(clientId: string): void {
    const asking = (this.#asking.get(clientId) ?? 1) - 1;
    if (asking > 0) this.#asking.set(clientId, asking);
    else this.#asking.delete(clientId);
  }

  /** A session begins; `leave` when it ends. Its utterances take their places in turn with those of the client's others. */
  join(clientId: string): { places: Pick<Places, 'take'>; leave(): void } {
    const client = this.#clients.get(clientId) ?? this.#begin(clientId);
    client.own += 1;
    this.#divide(clientId, client);
    this.#lookLater();
    let isIn = true;
    return {
      places: {
        take: (waitMs, signal) => {
          this.#divide(clientId, client);
          return client.places.take(waitMs, signal);
        },
      },
      leave: () => {
        if (!isIn) return;
        isIn = false;
        client.own -= 1;
        if (client.own === 0 && client.places.isIdle) this.#clients.delete(clientId);
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #begin(clientId: string): Client {
    const client = { places: new Places(this.#options.clock, 1), own: 0, others: 0 };
    this.#clients.set(clientId, client);
    return client;
  }

  #divide(clientId: string, { places, own, others }: Client): void {
    const most = this.#options.limitsOf(clientId).utterancesInFlight;
    places.max = most === undefined ? Number.POSITIVE_INFINITY : Math.ceil((most * own) / Math.max(1, own + others));
  }

  #lookLater(): void {
    if (!this.#options.shared || this.#isLooking || this.#closed) return;
    this.#isLooking = true;
    this.#cancel = this.#options.clock.after(SPREAD_MS, () => {
      this.#look()
        .catch((error: unknown) => {
          const { code } = error as { code?: unknown };
          this.#options.log.debug({ code }, 'how counters are spread over the processes cannot be told now');
        })
        .finally(() => {
          this.#isLooking = false;
          if (this.#clients.size > 0) this.#lookLater();
        });
    });
  }

  async #look(): Promise<void> {
    const { shared, limitsOf } = this.#options;
    for (const [id, { own, places }] of this.#clients) if (own === 0 && places.isIdle) this.#clients.delete(id);
    const limited = [...this.#clients.keys()].filter((id) => limitsOf(id).utterancesInFlight !== undefined);
    if (!shared || limited.length === 0) return;
    const others = await shared.places.others(shared.processId, limited);
    for (const id of limited) {
      const client = this.#clients.get(id);
      if (!client) continue;
      client.others = others.get(id) ?? 0;
      this.#divide(id, client);
    }
  }
}
