import { SlidingTally } from './sliding-tally.ts';

/**
 * closed: asked in its turn. suspected: something went wrong that could be an outage; others go first until a probe has
 * told. open: others go first for a while. half_open: a probe is under way, and decides.
 */
export type BreakerState = 'closed' | 'suspected' | 'open' | 'half_open';

const WINDOW_MS = 30_000;
const LEAST_ATTEMPTS = 5;
const FAILING_SHARE = 0.5;
const FIRST_OPEN_MS = 10_000;
const LONGEST_OPEN_MS = 120_000;
/** Doublings after which the longest is reached. */
const MAX_STEP = 4;
/** Until a suspected candidate is asked: longer than a blip, over before the customer's next sentence. */
const DOUBT_MS = 500;
const JITTER = 0.2;

/**
 * Whether one candidate should be asked now, told by its attempts and by probes. It knows no timers and sends nothing:
 * the owner looks at {@link isDue} and reports what the probe found. All times are monotonic milliseconds.
 *
 * It opens when half of at least five attempts in 30 s failed, at once when `trip` says so, and when a failure that looks
 * like an outage is confirmed: by the probe after it, or by the first attempt after a probe that found nothing. Without
 * probes (`canAsk` false) such a failure opens it alone, and the first attempt after the rest decides.
 */
export class Breaker {
  readonly #random: () => number;
  readonly #canAsk: boolean;
  readonly #tally = new SlidingTally(WINDOW_MS, 30);
  #state: BreakerState = 'closed';
  #sinceMs = 0;
  #untilMs = 0;
  /** How often the rest was doubled, and when the last one ended: failing again within a window goes on from there. */
  #step = 0;
  #closedAtMs = Number.NEGATIVE_INFINITY;
  /** Closed on a probe's word alone: no attempt has been answered since. */
  #isVouched = false;
  /** Before the probe that is under way. */
  #before: 'suspected' | 'open' = 'open';
  #changes = 0;

  /** `random`: 0 (included) to 1 (excluded). */
  constructor(random: () => number, canAsk: boolean) {
    this.#random = random;
    this.#canAsk = canAsk;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** It is known to fail, also while a probe asks again: more than a doubt. */
  get isOpen(): boolean {
    return this.#state === 'open' || (this.#state === 'half_open' && this.#before === 'open');
  }

  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** When a probe, or without probes an attempt, is due; of no meaning while closed. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Attempts and failures of the window. */
  counts(nowMs: number): { attempts: number; failed: number } {
    const { total, marked } = this.#tally.sums(nowMs);
    return { attempts: total, failed: marked };
  }

  /** Until when others go first: 0 when it is asked in its turn, Infinity until a probe has told. */
  restsUntilMs(): number {
    if (this.#state === 'closed') return 0;
    return this.#canAsk ? Number.POSITIVE_INFINITY : this.#untilMs;
  }

  /** An attempt failed. `isOutage`: in a way that the next one would probably fail too. */
  failed(nowMs: number, begunAtMs: number, isOutage: boolean): void {
    // It began before a probe found all well: it tells of the time before.
    if (this.#state === 'closed' && begunAtMs < this.#sinceMs) return;
    this.#tally.add(nowMs, 1, 1);
    if (this.#state === 'half_open') return;
    if (this.#state === 'open') {
      if (!this.#canAsk && nowMs >= this.#untilMs) this.#open(nowMs, this.#step + 1);
      return;
    }
    if (this.#isFailing(nowMs) || this.#isVouched || (isOutage && !this.#canAsk)) this.#open(nowMs);
    else if (isOutage) this.suspect(nowMs);
  }

  /** It refuses us, and will until somebody changes something. */
  trip(nowMs: number): void {
    if (this.#state === 'closed' || this.#state === 'suspected') this.#open(nowMs);
  }

  /** Doubt from elsewhere: another key of the same vendor failed, or another process found it down. */
  suspect(nowMs: number): void {
    if (this.#state !== 'closed') return;
    if (this.#canAsk) this.#enter('suspected', nowMs, nowMs + this.#jittered(DOUBT_MS));
    else this.#open(nowMs);
  }

  /** Another process found it well: a rest that runs may end now. */
  hurry(nowMs: number): void {
    if (this.#state === 'open') this.#untilMs = Math.min(this.#untilMs, nowMs);
  }

  /** An attempt was answered. One sent for before the state changed tells of the time before. */
  answered(nowMs: number, sentAtMs: number): void {
    this.#tally.add(nowMs, 1, 0);
    if (this.#state === 'closed') this.#isVouched = false;
    else if (sentAtMs >= this.#sinceMs) this.#close(nowMs, false);
  }

  /** Whatever is held against it is forgotten. */
  forgive(nowMs: number): void {
    this.#close(nowMs, false);
    this.#tally.clear();
    this.#closedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Whether a probe should be sent now. */
  isDue(nowMs: number): boolean {
    return this.#canAsk && (this.#state === 'suspected' || this.#state === 'open') && nowMs >= this.#untilMs;
  }

  /** A probe is on its way; the ticket goes with what it finds. */
  asked(nowMs: number): number {
    if (this.#state === 'suspected' || this.#state === 'open') this.#before = this.#state;
    this.#enter('half_open', nowMs, nowMs);
    return this.#changes;
  }

  /** What the probe found; `null`: nothing, it could not be sent. Without effect when something else decided meanwhile. */
  told(nowMs: number, ticket: number, isWell: boolean | null): void {
    if (ticket !== this.#changes) return;
    if (isWell) this.#close(nowMs, true);
    else if (isWell === null) this.#enter(this.#before, nowMs, nowMs + this.#jittered(FIRST_OPEN_MS));
    else this.#open(nowMs, this.#before === 'open' ? this.#step + 1 : undefined);
  }

  #isFailing(nowMs: number): boolean {
    const { attempts, failed } = this.counts(nowMs);
    return attempts >= LEAST_ATTEMPTS && failed >= FAILING_SHARE * attempts;
  }

  #open(nowMs: number, step?: number): void {
    const isSoon = nowMs - this.#closedAtMs < WINDOW_MS;
    this.#step = Math.min(step ?? (isSoon ? this.#step + 1 : 0), MAX_STEP);
    const ms = Math.min(FIRST_OPEN_MS * 2 ** this.#step, LONGEST_OPEN_MS);
    this.#isVouched = false;
    this.#enter('open', nowMs, nowMs + this.#jittered(ms));
  }

  /** Failures that only raised a doubt stay counted; after a rest it begins anew. */
  #close(nowMs: number, isVouched: boolean): void {
    if (this.isOpen) {
      this.#closedAtMs = nowMs;
      this.#tally.clear();
    }
    this.#isVouched = isVouched;
    this.#enter('closed', nowMs, nowMs);
  }

  #enter(state: BreakerState, nowMs: number, untilMs: number): void {
    this.#state = state;
    this.#sinceMs = nowMs;
    this.#untilMs = untilMs;
    this.#changes += 1;
  }

  #jittered(ms: number): number {
    return ms * (1 + JITTER * (2 * this.#random() - 1));
  }
}
