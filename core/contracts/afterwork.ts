import type { Clock, Log } from './context.ts';

/** Long enough for one small request; nobody waits for it but a provider that is closing. */
const BOUND_MS = 2000;

/**
 * What a provider still does once its answer is out, such as deleting at the vendor what it was given. Bounded to 2 s, ends
 * with the instance, and never a reason for an answer to fail or to wait: what goes wrong is one line in the log.
 */
export class Afterwork {
  readonly #ctx: { clock: Clock; log: Log; signal: AbortSignal };
  readonly #running = new Set<Promise<void>>();

  constructor(ctx: { clock: Clock; log: Log; signal: AbortSignal }) {
    this.#ctx = ctx;
  }

  /** `failure` is the log line: a fixed sentence without data. */
  start(failure: string, work: (signal: AbortSignal) => Promise<void>): void {
    const running = this.#run(failure, work);
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  /** For the provider's `close()`: resolves when nothing runs any more, after 2 s at most. */
  async idle(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #run(failure: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log, signal } = this.#ctx;
    const bound = new AbortController();
    const stop = () => bound.abort();
    const cancel = clock.after(BOUND_MS, stop);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await work(bound.signal);
    } catch (error) {
      log.warn({ err: (error as Error).name }, failure);
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }
}
