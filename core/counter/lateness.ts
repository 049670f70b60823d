/** Below this, in milliseconds, a device has caught up. */
const CAUGHT_UP_MS = 500;
/** How long is looked at to tell what was kept from what is said now, and how much faster than speech the former comes. */
const WINDOW_MS = 2000;
const KEPT_RATE = 1.5;

/**
 * How long ago what arrives now was said, while a device sends what it kept during a broken connection. Measured against
 * the moment it broke, and only until the device has caught up: neither a slow clock nor a device that kept nothing is
 * late for ever.
 */
export class Lateness {
  /** Wall clock less audio time, in milliseconds, when the connection broke; null: nobody is late. */
  #lagMs: number | null;
  #window: { wallMs: number; positionMs: number } | null = null;
  #behindMs = 0;

  constructor(lagMs: number | null = null) {
    this.#lagMs = lagMs;
  }

  /** Milliseconds that what was heard last is late. */
  get behindMs(): number {
    return this.#behindMs;
  }

  /** The connection broke. `positionMs`: audio time received. */
  broke(wallMs: number, positionMs: number): void {
    this.#lagMs ??= wallMs - positionMs;
    this.#window = null;
  }

  /** Audio up to `positionMs` is here. */
  heard(wallMs: number, positionMs: number): void {
    if (this.#lagMs === null) return;
    this.#window ??= { wallMs, positionMs };
    this.#behindMs = wallMs - positionMs - this.#lagMs;
    const passedMs = wallMs - this.#window.wallMs;
    const isLive = passedMs >= WINDOW_MS && positionMs - this.#window.positionMs < KEPT_RATE * passedMs;
    if (passedMs >= WINDOW_MS) this.#window = { wallMs, positionMs };
    if (!isLive && this.#behindMs >= CAUGHT_UP_MS) return;
    this.#lagMs = null;
    this.#behindMs = 0;
  }

  /** For whoever goes on: the lag to measure against. */
  lagMs(wallMs: number, positionMs: number): number {
    return this.#lagMs ?? wallMs - positionMs;
  }
}
