import type { FastifyInstance } from 'fastify';
import type { Clock, Log } from '../contracts/index.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { onBehalfOf } from '../runtime/on-behalf.ts';
import { systemClock } from '../runtime/provider-context.ts';

/** How long one plugin's `onClose` hook may keep the server from ending. */
const CLOSE_MS = 3000;

type Hook = (instance: FastifyInstance, done?: () => void) => unknown;

/**
 * Runs `register`, which may add hooks to `app`: an `onClose` hook added meanwhile is bounded, and one that hangs or throws
 * is named in the log instead of keeping everything else from being closed. Its code runs in the name of `plugin`.
 */
export async function withBoundedClose(
  app: FastifyInstance,
  plugin: string,
  register: () => PromiseLike<unknown>,
  { clock = systemClock, ms = CLOSE_MS }: { clock?: Clock; ms?: number } = {},
): Promise<void> {
  const own = app.addHook;
  const bounded =
    (hook: Hook): Hook =>
    async (instance) => {
      const start = async () => onBehalfOf(plugin, () => called(hook, instance));
      const call = { clock, ms, signal: new AbortController().signal, what: 'fechar o plugin', start };
      await withDeadline(call).catch((error: unknown) => say(app.log, plugin, error));
    };
  const addHook = function (this: FastifyInstance, name: string, hook: Hook) {
    return (own as (...args: unknown[]) => unknown).call(this, name, name === 'onClose' ? bounded(hook) : hook);
  };
  Object.assign(app, { addHook });
  try {
    await register();
  } finally {
    Object.assign(app, { addHook: own });
  }
}

/** Fastify's two ways: a promise, or a callback as the second argument. */
function called(hook: Hook, instance: FastifyInstance): unknown {
  return hook.length < 2 ? hook(instance) : new Promise<void>((resolve) => hook(instance, resolve));
}

function say(log: Log, plugin: string, error: unknown): void {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  log.warn(
    { plugin, error: String(code ?? name ?? typeof error).slice(0, 60) },
    'a plugin did not close; it is left behind',
  );
}
