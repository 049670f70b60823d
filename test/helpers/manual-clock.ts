import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../core/contracts/index.ts';

interface Timer {
  atMs: number;
  run(): void;
}

/** A clock that goes when it is told to: deadlines of seconds pass in microseconds, in the order they fall due. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 10, 21, 12) + this.#nowMs);
  }

  after(ms: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, ms), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait: 0 when nothing is left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Time goes by while somebody computes: no timer can run. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Lets `ms` pass: each timer runs at its own time, with everything it sets off, before the next. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Lets time pass until `promise` settles; fails when it has not within `mostMs`. */
  async until<T>(promise: Promise<T>, mostMs = 600_000): Promise<T> {
    let isSettled = false;
    promise.then(
      () => {
        isSettled = true;
      },
      () => {
        isSettled = true;
      },
    );
    const untilMs = this.#nowMs + mostMs;
    const stuckAt = performance.now() + 2000;
    for (await settle(); !isSettled; await settle()) {
      const next = this.#next(untilMs);
      // Code and files load in real time: give them some before calling it stuck.
      if (!next && performance.now() < stuckAt) continue;
      if (!next) throw new Error(`nothing settled it within ${mostMs} ms: ${this.#timers.size} timers wait`);
      await this.advance(next.atMs - this.#nowMs);
    }
    return promise;
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.atMs <= untilMs && (!first || timer.atMs < first.atMs)) first = timer;
    return first;
  }
}

/** Lets every promise that can settle without a timer settle. */
export async function settle(): Promise<void> {
  for (let times = 0; times < 3; times++) await turn();
}
