/** How a detector does, as all ears of the process know it. */
export interface DetectorHealth {
  /** It failed a while ago: others are used for now. */
  rests(what: DetectorKind): boolean;
  /** `cause` is a name, never what was heard. */
  failed(what: DetectorKind, cause: string): void;
  worked(what: DetectorKind): void;
}

export type DetectorKind = 'vad' | 'cleaner';

/** Why one is not even tried: another ear has just seen it fail. */
export const RESTS = 'rests';

const FIRST_REST_MS = 30_000;
const LONGEST_REST_MS = 600_000;

/**
 * When a detector that failed in this ear is tried again: after 30 s, and twice as long each time it fails again, to
 * 10 min. What it does is told to the health that all ears share.
 */
export class DetectorCare {
  readonly #what: DetectorKind;
  readonly #now: () => number;
  readonly #health: DetectorHealth | undefined;
  #isDown = false;
  #restMs = 0;
  #untilMs = 0;

  /** `now`: monotonic ms. */
  constructor(what: DetectorKind, now: () => number, health: DetectorHealth | undefined) {
    this.#what = what;
    this.#now = now;
    this.#health = health;
  }

  /** Another one, or none, is in its place. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Whether other ears have seen it fail just now. */
  get rests(): boolean {
    return this.#health?.rests(this.#what) ?? false;
  }

  get mayReturn(): boolean {
    return this.#isDown && this.#now() >= this.#untilMs && !this.rests;
  }

  out(cause: string): void {
    this.#isDown = true;
    this.#restMs = Math.min(Math.max(FIRST_REST_MS, 2 * this.#restMs), LONGEST_REST_MS);
    this.#untilMs = this.#now() + this.#restMs;
    if (cause !== RESTS) this.failed(cause);
  }

  back(): void {
    this.#isDown = false;
  }

  /** It failed where nobody needed it any more. */
  failed(cause: string): void {
    this.#health?.failed(this.#what, cause);
  }

  worked(): void {
    this.#restMs = 0;
    this.#health?.worked(this.#what);
  }
}
