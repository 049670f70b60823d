import type { Clock, Log } from './contracts/index.ts';
import { actingProvider } from './runtime/on-behalf.ts';

/** One line per provider in this time: a timer left behind may fail a thousand times a second. */
const QUIET_MS = 10_000;

/**
 * Handles what reaches nobody: an exception out of a timer, the error of a socket without a listener, a promise that nobody
 * awaits. What a plugin left behind is named in the log, and the server goes on: its own code is the only one that was cut
 * short. Anything else is a fault of the core, whose state nobody can vouch for: `fatal` is told.
 * @returns stops watching.
 */
export function watchStrayErrors(parts: { log: Log; clock: Clock; fatal: (error: unknown) => void }): () => void {
  const saidAtMs = new Map<string, number>();
  const handle = (error: unknown) => {
    const provider = actingProvider();
    if (provider === undefined) return parts.fatal(error);
    const now = parts.clock.now();
    if (now - (saidAtMs.get(provider) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    saidAtMs.set(provider, now);
    parts.log.error(
      { provider, error: nameOf(error) },
      'a provider left something behind that failed; the server goes on',
    );
  };
  process.on('uncaughtException', handle);
  process.on('unhandledRejection', handle);
  return () => {
    process.off('uncaughtException', handle);
    process.off('unhandledRejection', handle);
  };
}

/** Its code or class, never its message: that may quote anything. */
function nameOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(typeof code === 'string' ? code : (name ?? typeof error)).slice(0, 60);
}
