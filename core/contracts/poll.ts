import type { Clock } from './context.ts';
import { ProviderError } from './errors.ts';

/** The first wait is short, because an utterance is: a vendor that answers in half a second is asked by then. */
const FIRST_WAIT_MS = 200;
const GROWTH = 1.5;
const LONGEST_WAIT_MS = 2000;

export interface JobPolling {
  /** The vendor's title, for messages. */
  vendor: string;
  clock: Clock;
  /** Any of them ends the wait at once: the request's, and the instance's (`ctx.signal`). */
  signals: readonly AbortSignal[];
}

/**
 * Waits for a job at a vendor that has to be asked for its result: calls `ask` after 200 ms, then after half as long again
 * each time (2 s at most), until it returns something. How long altogether is the caller's signal to say. Throws what
 * `ask` throws, and `aborted`.
 */
export async function pollJob<Result>(polling: JobPolling, ask: () => Promise<Result | undefined>): Promise<Result> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_WAIT_MS)) {
    await pause(polling, waitMs);
    const result = await ask();
    if (result !== undefined) return result;
  }
}

function pause({ vendor, clock, signals }: JobPolling, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      cancel();
      for (const signal of signals) signal.removeEventListener('abort', settle);
      if (!signals.some((signal) => signal.aborted)) resolve();
      else reject(new ProviderError({ code: 'aborted', message: `pedido a ${vendor} cancelado` }));
    };
    const cancel = clock.after(ms, settle);
    for (const signal of signals) signal.addEventListener('abort', settle, { once: true });
    if (signals.some((signal) => signal.aborted)) settle();
  });
}
