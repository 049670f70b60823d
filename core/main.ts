import closeWithGrace from 'close-with-grace';
import { type Balto, createApp } from './app.ts';
import { readDotEnv } from './dot-env.ts';
import { listen } from './listen.ts';
import { ensureOwner } from './owner.ts';
import { systemClock } from './runtime/provider-context.ts';
import { watchStrayErrors } from './stray-errors.ts';
import { summaryLines } from './summary.ts';

/** From the signal to the last answer: the counters' draining (25 s at worst), the journal's 5 s, and a little more. */
const GRACE_MS = 32_000;

/**
 * Starts Balto from the environment and `.env`, says what it would use and what is missing (with `json` as one line of
 * JSON), and serves until a signal.
 */
export async function start(say: (line: string) => void = console.log, json = false): Promise<void> {
  const env = readDotEnv(process.env);
  const balto = await createApp({ env });
  try {
    const { port, moved } = await listen(balto.app, balto.environment);
    const url = `http://localhost:${port}`;
    if (json) say(JSON.stringify({ ok: true, url, port, moved, ...balto.summary() }));
    else {
      if (moved) say('A porta 8765 está ocupada: usando a 8766.');
      for (const line of summaryLines(balto.summary(), url)) say(line);
    }
    // By the address, not by its name: a browser may take `localhost` for ::1, where nobody listens.
    const panel = balto.app.hasRoute({ method: 'GET', url: '/admin' }) ? `http://127.0.0.1:${port}/admin` : null;
    void ensureOwner(balto, json ? (line) => say(JSON.stringify({ notice: line.trim() })) : say, panel);
  } catch (error) {
    await balto.close();
    throw error;
  }
  serveUntilSignal(balto);
}

/** Ends in good order at a signal, and with code 1 at an error that is not a plugin's own. */
function serveUntilSignal(balto: Balto): void {
  const { log } = balto.app;
  let failure: unknown;
  const skip = ['uncaughtException' as const, 'unhandledRejection' as const];
  const grace = closeWithGrace({ delay: GRACE_MS, logger: false, skip }, async () => {
    await balto.close();
    if (failure !== undefined) throw failure;
  });
  watchStrayErrors({
    log,
    clock: systemClock,
    fatal: (error) => {
      if (failure !== undefined) process.exit(1);
      failure = error ?? new Error('unknown');
      const { code, name } = failure as { code?: unknown; name?: unknown };
      log.fatal({ code, name }, 'stopping after an unexpected error');
      void grace.close();
    },
  });
}
