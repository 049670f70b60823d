import { inspect } from 'node:util';
import type { Test } from 'tap';
import {
  type Audio,
  type Clock,
  isProviderError,
  type Log,
  type ProviderContext,
  type ProviderError,
  type Settings,
  type VendorManifest,
} from '../../core/contracts/index.ts';
import { allowedOrigins, createProviderContext } from '../../core/runtime/provider-context.ts';

/** A log that keeps its lines, to look for what must not be in them. */
export interface KeptLog extends Log {
  lines: string[];
}

export function keptLog(): KeptLog {
  const lines: string[] = [];
  const write = (data: Record<string, unknown>, message: string) => void lines.push(inspect({ data, message }));
  return { lines, debug: write, info: write, warn: write, error: write };
}

/** The context a provider gets in production, over real sockets, for a vendor that listens at `settings.baseUrl`. */
export function contextFor(
  test: Test,
  vendor: VendorManifest,
  settings: Settings,
  extra: { log?: Log; maxBodyBytes?: number; clock?: Clock } = {},
): ProviderContext {
  const life = new AbortController();
  test.teardown(() => life.abort());
  const { log = keptLog(), ...rest } = extra;
  return createProviderContext({ log, origins: allowedOrigins(vendor, settings), signal: life.signal, ...rest });
}

/** The ProviderError a call fails with; fails the test when it succeeds or throws another kind. */
export async function failureOf(test: Test, call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (isProviderError(error)) return error;
  test.fail(`no ProviderError: ${inspect(error)}`);
  throw error;
}

/** Fails when any of `secrets` can be seen in the error (causes and hidden fields included) or in the log. */
export function noLeak(test: Test, error: unknown, log: KeptLog, secrets: string[]): void {
  const seen = `${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(error)} ${log.lines.join('\n')}`;
  for (const secret of secrets) test.notMatch(seen, secret, 'nothing secret in errors and log');
}

/** Audio at 16 kHz in which each half second says the next of `words` (see word-listening.ts). */
export function spoken(words: number[]): Audio {
  const pcm = new Int16Array(words.length * 8000);
  words.forEach((word, index) => {
    pcm.fill(word * 100, index * 8000, (index + 1) * 8000);
  });
  return { pcm, sampleRateHz: 16_000 };
}

/** A clock on which everything happens `factor` times as fast: a four-second timer in a fraction of one. */
export function fastClock(factor: number): Clock {
  return {
    now: () => performance.now() * factor,
    date: () => new Date(),
    after(ms, run) {
      const timer = setTimeout(run, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}

export const live = (): AbortSignal => new AbortController().signal;
