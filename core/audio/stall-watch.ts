import type { Clock } from '../contracts/index.ts';

/** A VAD with no answer for this long, in ms, while frames wait is replaced. */
const VAD_STALL_MS = 2000;
/** A timer this late, in ms, found the event loop blocked, not the VAD: it is given another turn. */
const TIMER_GRACE_MS = 500;

/** Sees that a VAD has stopped answering. One timer at most, however many frames wait. */
export class StallWatch {
  readonly #clock: Clock;
  /** Monotonic ms since which frames wait without an answer; undefined when none waits. */
  readonly #waitingSince: () => number | undefined;
  readonly #onStall: () => void;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, waitingSince: () => number | undefined, onStall: () => void) {
    this.#clock = clock;
    this.#waitingSince = waitingSince;
    this.#onStall = onStall;
  }

  /** Frames may wait: looks again, in `leastMs` at the earliest, whether the VAD has answered since. */
  arm(leastMs = 1): void {
    if (this.#cancel || this.#closed) return;
    const since = this.#waitingSince();
    if (since === undefined) return;
    const due = Math.max(this.#clock.now() + leastMs, since + VAD_STALL_MS);
    this.#cancel = this.#clock.after(due - this.#clock.now(), () => {
      this.#cancel = undefined;
      this.#check(due);
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #check(due: number): void {
    const now = this.#clock.now();
    const since = this.#waitingSince();
    const late = now - due >= TIMER_GRACE_MS;
    if (since === undefined || late || now - since < VAD_STALL_MS) this.arm(late ? TIMER_GRACE_MS : 1);
    else this.#onStall();
  }
}
