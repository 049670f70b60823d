import type { Clock } from '../contracts/index.ts';

interface Waiting {
  take(release: (() => void) | null): void;
}

/** So many at once, the others in the order they asked: `maxConcurrent` of a credential, utterances in flight of a session. */
export class Places {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  /** Who gives its place back when it is asked to. */
  readonly #spare = new Set<() => void>();
  #max: number;
  #taken = 0;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#max = Math.max(1, max);
  }

  /** A new configuration may allow more or fewer; those inside stay. */
  set max(max: number) {
    this.#max = Math.max(1, max);
    this.#admit();
  }

  get taken(): number {
    return this.#taken;
  }

  /** Nobody is inside, and nobody waits. */
  get isIdle(): boolean {
    return this.#taken === 0 && this.#waiting.size === 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** A function that gives the place back (idempotent), or null when none was free within `waitMs` or `signal` fired. */
  take(waitMs: number, signal: AbortSignal): Promise<(() => void) | null> {
    if (signal.aborted) return Promise.resolve(null);
    if (this.#taken >= this.#max) this.#spare.values().next().value?.();
    if (this.#taken < this.#max && this.#waiting.size === 0) return Promise.resolve(this.#enter());
    return new Promise((resolve) => {
      const waiting: Waiting = {
        take: (release) => {
          this.#waiting.delete(waiting);
          cancel();
          signal.removeEventListener('abort', giveUp);
          resolve(release);
        },
      };
      const giveUp = () => waiting.take(null);
      const cancel = Number.isFinite(waitMs) ? this.#clock.after(waitMs, giveUp) : () => undefined;
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
    });
  }

  /**
   * A place that nobody waits for, or null. `revoke` is called when somebody else comes and there is no other: the place
   * is theirs at once, and whoever had it stops as soon as it can.
   */
  takeSpare(revoke: () => void): (() => void) | null {
    if (this.#taken >= this.#max || this.#waiting.size > 0) return null;
    const leave = this.#enter();
    const give = () => {
      this.#spare.delete(giveWay);
      leave();
    };
    const giveWay = () => {
      give();
      revoke();
    };
    this.#spare.add(giveWay);
    return give;
  }

  #enter(): () => void {
    this.#taken += 1;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#taken -= 1;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#taken < this.#max) {
      const next = this.#waiting.values().next().value;
      if (!next) return;
      next.take(this.#enter());
    }
  }
}
