import type { Clock, Log } from '../contracts/index.ts';
import type { Limits } from '../routing/types.ts';
import { MemoryRates, type RateCounter, type RateWindow } from '../store/rate-counter.ts';

/** Routes that share a limit. `ws`: handshakes of counters. */
export type RouteGroup = 'cadastro' | 'data' | 'admin' | 'test' | 'ws';

/** How a request stands with its limits. Without any limit, `limit` is null. */
export interface Allowance {
  allowed: boolean;
  /** Of the window that has the least left. */
  limit: number | null;
  remaining: number;
  /** Seconds until that window ends. */
  resetS: number;
}

export interface RequestLimitsOptions {
  counter: RateCounter;
  /** What holds for a client now, or (null) for whoever belongs to none or to several. */
  limitsOf(clientId: string | null): Limits;
  clock: Clock;
  log: Log;
}

const WINDOWS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const UNLIMITED: Allowance = { allowed: true, limit: null, remaining: 0, resetS: 0 };
/** Who is over a limit is remembered until its window ends, and costs nobody a question any more. */
const MOST_REMEMBERED = 10_000;

interface Counted extends RateWindow {
  max: number;
}

/**
 * Requests per minute, hour and day (of the clock, UTC), of each client and group of routes, over all processes. What is
 * shared being away, each process counts for itself.
 */
export class RequestLimits {
  readonly #options: RequestLimitsOptions;
  readonly #alone = new MemoryRates();
  readonly #over = new Map<string, number>();
  #isAway = false;

  constructor(options: RequestLimitsOptions) {
    this.#options = options;
  }

  /** Counts one request of `who`: a client, or somebody who belongs to none or to several. Never rejects. */
  async take(who: { key: string; clientId: string | null }, group: RouteGroup): Promise<Allowance> {
    const now = this.#options.clock.date().getTime();
    const windows = this.#windows(who, group, now);
    if (windows.length === 0) return UNLIMITED;
    const known = windows.find(({ key, max }) => max <= (this.#over.get(key) ?? -1));
    if (known) return allowance(known, known.max + 1, now);
    const counts = await this.#count(windows);
    let worst: Allowance = UNLIMITED;
    for (const [index, window] of windows.entries()) {
      const used = counts[index] ?? 1;
      const each = allowance(window, used, now);
      if (!each.allowed) this.#remember(window);
      if (worst.limit === null || isWorse(each, worst)) worst = each;
    }
    return worst;
  }

  #windows(
    { key: who, clientId }: { key: string; clientId: string | null },
    group: RouteGroup,
    now: number,
  ): Counted[] {
    const limits = this.#options.limitsOf(clientId).requests?.[group] ?? {};
    return Object.entries(WINDOWS).flatMap(([name, ms]) => {
      const max = limits[name as keyof typeof WINDOWS];
      if (max === undefined) return [];
      const begin = now - (now % ms);
      return [{ key: `${group}/${name}/${begin / ms}/${who}`, endsAt: new Date(begin + ms), max }];
    });
  }

  async #count(windows: readonly Counted[]): Promise<number[]> {
    try {
      const counts = await this.#options.counter.hit(windows);
      this.#isAway = false;
      return counts;
    } catch (error) {
      if (!this.#isAway) {
        const { code } = error as { code?: unknown };
        this.#options.log.warn({ code }, 'limits are counted by this process alone: what is shared is away');
      }
      this.#isAway = true;
      return this.#alone.hit(windows);
    }
  }

  /** With the limit it was over: a larger one, in force since then, is asked about again. */
  #remember({ key, max }: Counted): void {
    this.#over.set(key, max);
    for (const oldest of this.#over.keys()) {
      if (this.#over.size <= MOST_REMEMBERED) break;
      this.#over.delete(oldest);
    }
  }
}

function allowance({ max, endsAt }: Counted, used: number, now: number): Allowance {
  return {
    allowed: used <= max,
    limit: max,
    remaining: Math.max(0, max - used),
    resetS: Math.max(1, Math.ceil((endsAt.getTime() - now) / 1000)),
  };
}

/** A refusal before a pass, of two refusals the one that lasts, of two passes the one with the least left. */
function isWorse(a: Allowance, b: Allowance): boolean {
  if (a.allowed !== b.allowed) return !a.allowed;
  return a.allowed ? a.remaining < b.remaining : a.resetS > b.resetS;
}
