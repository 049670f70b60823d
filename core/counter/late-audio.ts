import type { Clock } from '../contracts/index.ts';

/** How long what comes after a pause is looked at before it is heard. */
const LOOK_MS = 500;
/** A longer pause is one, whatever comes after it: so much sound at once is no longer told from a file that is sent. */
const LONGEST_MS = 30_000;
/** What a network and a timer may be off by. */
const SLACK_MS = 100;
/** A device that was so far ahead of its time sends a file, and not what it hears. */
const AHEAD_MS = 500;
/** A device's clock is off by a few seconds a day: what it is ahead or behind is forgotten within minutes. */
const FORGOTTEN_PER_MS = 0.01;

/**
 * After a pause in a device's bytes: was it silent, or were they only late (a network or a program that stood still)? Who
 * was silent goes on at the pace of speech; who was late sends at once about as much sound as the pause was long.
 */
export class LateAudio {
  readonly #clock: Clock;
  readonly #settle: (missingMs: number) => void;
  /** Sound received less time gone by, in milliseconds. */
  #aheadMs = 0;
  #lastAt: number | undefined;
  #pause: { elapsedMs: number; wasAheadMs: number; longestMs: number } | null = null;
  /** What came since the pause. */
  #come: { sinceMs: number; audioMs: number; cancel: () => void } | null = null;

  /** `settle` is told once for each pause how much of it nobody will ever send: 0, or all of it. */
  constructor(clock: Clock, settle: (missingMs: number) => void) {
    this.#clock = clock;
    this.#settle = settle;
  }

  /** Nothing came for `elapsedMs`, so far. `longestMs`: the longest piece of sound that came at once before. */
  paused(elapsedMs: number, longestMs: number): void {
    if (this.#pause) this.settle();
    this.#pause = { elapsedMs, wasAheadMs: this.#aheadMs, longestMs };
  }

  /** A piece came, `untoldMs` after what was last said of the pause. To be called after its sound was handed on. */
  came(audioMs: number, untoldMs: number): void {
    const now = this.#clock.now();
    const passedMs = now - (this.#lastAt ?? now);
    this.#lastAt = now;
    const driftMs = Math.sign(this.#aheadMs) * Math.min(Math.abs(this.#aheadMs), FORGOTTEN_PER_MS * passedMs);
    this.#aheadMs += audioMs - passedMs - driftMs;
    const pause = this.#pause;
    if (!pause) return;
    pause.elapsedMs += untoldMs;
    this.#come ??= { sinceMs: now, audioMs: 0, cancel: this.#clock.after(LOOK_MS, () => this.settle()) };
    this.#come.audioMs += audioMs;
    if (this.#isLate(now) || pause.elapsedMs > LONGEST_MS) this.settle();
  }

  /** By what has come so far: nobody waits for more. */
  settle(): void {
    const pause = this.#pause;
    if (!pause) return;
    const missingMs = this.#isLate(this.#clock.now()) ? 0 : pause.elapsedMs;
    this.#pause = null;
    this.#come?.cancel();
    this.#come = null;
    this.#aheadMs += missingMs;
    this.#settle(missingMs);
  }

  #isLate(now: number): boolean {
    if (!this.#pause || !this.#come) return false;
    const { elapsedMs, wasAheadMs, longestMs } = this.#pause;
    if (elapsedMs > LONGEST_MS || wasAheadMs > longestMs + AHEAD_MS) return false;
    // The piece that was under way when the pause ended may not be there yet; one piece alone is what anybody sends.
    const expectedMs = Math.max(elapsedMs - longestMs - SLACK_MS, 1.25 * longestMs);
    return this.#come.audioMs >= expectedMs + now - this.#come.sinceMs;
  }
}
