import { EventEmitter } from 'node:events';
import type { Clock, Log } from '../contracts/index.ts';
import type { Budget, Effective } from '../routing/types.ts';
import { BUDGET_STATES, type BudgetClaims, type BudgetState } from '../store/budget-claims.ts';
import type { Costs } from '../store/costs.ts';
import type { JournalEntry } from '../store/interaction.ts';
import { wallClock } from '../wall-clock.ts';

/** How a client stands with its budget. Amounts are integer millionths of a US dollar. */
export interface BudgetStatus {
  state: BudgetState;
  /** First day of the period, `YYYY-MM-DD`, in the client's zone. */
  since: string;
  microUsd: number;
  spentMicroUsd: number;
  /** Share that is left, 0 to 1. */
  left: number;
}

/** A client's state changed. `isFirst`: of all processes this one saw it first in this period, and speaks for all. */
export interface BudgetChange extends BudgetStatus {
  clientId: string;
  isFirst: boolean;
}

export interface BudgetsOptions {
  costs: Pick<Costs, 'spentSince'>;
  claims: Pick<BudgetClaims, 'claim'>;
  /** Resolves when everything journalled so far is in the ledger. */
  drained(): Promise<void>;
  clock: Clock;
  log: Log;
}

interface Watched {
  budget: Budget;
  since: string;
  /** In the ledger when it was last read. */
  ledgerMicroUsd: number;
  /** Journalled here since then: the ledger may not have it yet. */
  ownMicroUsd: number;
  state: BudgetState;
  askedMs: number;
}

/** How old what is known of other processes' spending may become. */
const REFRESH_MS = 10_000;
/** How long a reading waits for the journal to be in the ledger. */
const DRAIN_MS = 2000;
/** A client that has asked for nothing so long is forgotten until it does. */
const IDLE_MS = 3_600_000;
const WARN_BELOW = 0.2;
const CHEAPER_BELOW = 0.1;

/**
 * What is left of each client's budget, answered at once: the ledger as last read, at most 10 s ago, and what was spent
 * here since. While the database is away the last reading holds, and what is spent here goes on being counted.
 */
export class Budgets extends EventEmitter<{ changed: [BudgetChange] }> {
  readonly #options: BudgetsOptions;
  readonly #watched = new Map<string, Watched>();
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #cancel: () => void;
  #closed = false;

  constructor(options: BudgetsOptions) {
    super();
    this.#options = options;
    this.#cancel = this.#later();
  }

  /** Share of the client's budget that is left, 0 to 1; null without one. Call it at each utterance: it costs nothing. */
  left(effective: Effective): number | null {
    return this.status(effective)?.left ?? null;
  }

  /** Null without a budget. */
  status(effective: Effective): BudgetStatus | null {
    const { budget, clientId } = effective;
    if (!budget) {
      this.#watched.delete(clientId);
      return null;
    }
    const watched = this.#watch(clientId, budget, this.#sinceOf(effective, budget));
    this.#look(clientId, watched);
    return statusOf(watched);
  }

  /** Knows what the client has spent before its first utterance asks. Never rejects; without a database the budget counts as whole. */
  async load(effective: Effective): Promise<void> {
    const { budget, clientId } = effective;
    if (!budget || this.#watched.has(clientId)) return;
    const watched = this.#watch(clientId, budget, this.#sinceOf(effective, budget));
    await this.#readFor(new Map([[clientId, { watched, own: 0 }]])).catch((error: unknown) => this.#say(error));
  }

  /** What is journalled counts at once, before it is in the ledger. */
  note(entry: JournalEntry): void {
    if (!('usage' in entry)) return;
    for (const { clientId, costMicroUsd } of entry.usage) {
      const watched = this.#watched.get(clientId);
      if (watched) watched.ownMicroUsd += costMicroUsd;
    }
  }

  /** Reads the ledger now, for every client that asked of late. Never rejects. */
  refresh(): Promise<void> {
    if (!this.#reading) {
      this.#reading = this.#read()
        .catch((error: unknown) => this.#say(error))
        .finally(() => {
          this.#reading = null;
        });
      return this.#reading;
    }
    // The reading under way may have begun before what the caller knows of.
    this.#next ??= this.#reading.then(() => {
      this.#next = null;
      return this.refresh();
    });
    return this.#next;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await (this.#next ?? this.#reading);
  }

  #sinceOf({ timeZone }: Effective, budget: Budget): string {
    const today = wallClock(timeZone).dayAt(this.#options.clock.date().getTime());
    return budget.period === 'day' ? today : `${today.slice(0, 8)}01`;
  }

  #watch(clientId: string, budget: Budget, since: string): Watched {
    const askedMs = this.#options.clock.now();
    const known = this.#watched.get(clientId);
    if (known && known.since === since) {
      known.budget = budget;
      known.askedMs = askedMs;
      return known;
    }
    const fresh: Watched = { budget, since, ledgerMicroUsd: 0, ownMicroUsd: 0, state: 'ok', askedMs };
    this.#watched.set(clientId, fresh);
    // Another period, or another kind of period: what was spent in it is known in a moment.
    if (known) void this.refresh();
    return fresh;
  }

  async #read(): Promise<void> {
    const oldestMs = this.#options.clock.now() - IDLE_MS;
    for (const [clientId, { askedMs }] of this.#watched) if (askedMs < oldestMs) this.#watched.delete(clientId);
    if (this.#watched.size === 0) return;
    const asked = new Map(
      [...this.#watched].map(([clientId, watched]) => [clientId, { watched, own: watched.ownMicroUsd }]),
    );
    // Only what is certainly in the ledger is taken off what is counted here.
    if (!(await this.#isDrained())) for (const each of asked.values()) each.own = 0;
    await this.#readFor(asked);
  }

  async #readFor(asked: ReadonlyMap<string, { watched: Watched; own: number }>): Promise<void> {
    const since = new Map([...asked].map(([clientId, { watched }]) => [clientId, watched.since]));
    const spent = await this.#options.costs.spentSince(since);
    for (const [clientId, { watched, own }] of asked) {
      if (this.#watched.get(clientId) !== watched) continue;
      watched.ledgerMicroUsd = spent.get(clientId) ?? 0;
      watched.ownMicroUsd -= own;
      this.#look(clientId, watched);
    }
  }

  #isDrained(): Promise<boolean> {
    const { clock, drained } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.after(DRAIN_MS, () => resolve(false));
      drained().then(
        () => {
          cancel();
          resolve(true);
        },
        () => resolve(false),
      );
    });
  }

  #look(clientId: string, watched: Watched): void {
    const state = stateOf(watched);
    if (state === watched.state) return;
    const isBetter = BUDGET_STATES.indexOf(state) < BUDGET_STATES.indexOf(watched.state);
    watched.state = state;
    void this.#tell({ clientId, ...statusOf(watched) }, isBetter);
  }

  async #tell(change: Omit<BudgetChange, 'isFirst'>, isBetter: boolean): Promise<void> {
    let isFirst = true;
    try {
      isFirst = await this.#options.claims.claim(change.clientId, change.since, change.state, isBetter);
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.#options.log.warn({ code }, 'nobody can tell whether a budget was announced before');
    }
    if (!this.#closed) this.emit('changed', { ...change, isFirst });
  }

  #say(error: unknown): void {
    const { code } = error as { code?: unknown };
    this.#options.log.warn({ code }, 'what clients have spent cannot be read; the last reading holds');
  }

  #later(): () => void {
    return this.#options.clock.after(REFRESH_MS, () => {
      void this.refresh().then(() => {
        if (!this.#closed) this.#cancel = this.#later();
      });
    });
  }
}

function leftOf({ budget, ledgerMicroUsd, ownMicroUsd }: Watched): number {
  return Math.max(0, 1 - (ledgerMicroUsd + ownMicroUsd) / budget.microUsd);
}

function stateOf(watched: Watched): BudgetState {
  const { budget } = watched;
  const left = leftOf(watched);
  if (left <= 0) return budget.stop === true ? 'stopped' : 'spent';
  if (left < (budget.cheaperBelow ?? CHEAPER_BELOW)) return 'cheaper';
  return left < (budget.warnBelow ?? WARN_BELOW) ? 'warned' : 'ok';
}

function statusOf(watched: Watched): BudgetStatus {
  const { state, since, budget, ledgerMicroUsd, ownMicroUsd } = watched;
  return {
    state,
    since,
    microUsd: budget.microUsd,
    spentMicroUsd: ledgerMicroUsd + ownMicroUsd,
    left: leftOf(watched),
  };
}
