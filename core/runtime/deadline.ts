import { type Clock, isProviderError, ProviderError } from '../contracts/index.ts';

export interface BoundedCall<T> {
  clock: Clock;
  /** Milliseconds until the call is given up. */
  ms: number;
  /** The caller's own reason to stop. */
  signal: AbortSignal;
  /** Pt-BR name of what was waited for, for the error. */
  what: string;
  /** Gets a signal that fires at the deadline, at the caller's abort, and never after a settled call. */
  start(signal: AbortSignal): Promise<T>;
  /** A result that came after the call was given up: to close what nobody will use. */
  late?(result: T): void;
}

/**
 * Runs `start` against a deadline. A provider that ignores its signal is left behind: its late answer is dropped, its
 * late rejection swallowed. Throws ProviderError `timeout` or `aborted`, else what the call threw.
 */
export function withDeadline<T>(call: BoundedCall<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const controller = new AbortController();
  let settled = false;
  const settle = (then: () => void): boolean => {
    if (settled) return false;
    settled = true;
    cancel();
    call.signal.removeEventListener('abort', onAbort);
    then();
    return true;
  };
  const giveUp = (error: ProviderError) => settle(() => reject(error)) && controller.abort(error);
  const onAbort = () => giveUp(abortedError());
  const cancel = call.clock.after(call.ms, () => giveUp(timeoutError(call.what)));
  if (call.signal.aborted) onAbort();
  else call.signal.addEventListener('abort', onAbort, { once: true });
  if (!settled) {
    started(call.start, controller.signal).then(
      (result) => settle(() => resolve(result)) || call.late?.(result),
      (error: unknown) => settle(() => reject(error)),
    );
  }
  return promise;
}

/** A provider may throw before it returns a promise. */
async function started<T>(start: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return start(signal);
}

export function timeoutError(what: string, blame?: 'network'): ProviderError {
  return new ProviderError({ code: 'timeout', message: `tempo esgotado: ${what}`, ...(blame ? { blame } : {}) });
}

export function abortedError(): ProviderError {
  return new ProviderError({ code: 'aborted', message: 'tentativa abandonada' });
}

/** Whatever a provider threw as the one typed error. Anything untyped is a bug of the plugin: it counts against nobody's health. */
export function toProviderError(error: unknown): ProviderError {
  if (isProviderError(error)) return error;
  return new ProviderError({
    code: 'protocol',
    blame: 'core',
    message: 'o plugin lançou um erro que não é do contrato',
    vendorCode: error instanceof Error ? error.name : typeof error,
    cause: error,
  });
}

/** Waits on the injected clock; ends early, without an error, when `signal` fires. */
export function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}
