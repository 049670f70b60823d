import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

/** What a page knows of something it reads. While it is read again, the last data stays. */
export interface Loaded<T> {
  data: T | undefined;
  /** Of the last read; null: it went well, or is under way. */
  error: ApiError | null;
  isLoading: boolean;
  /** Reads again. */
  reload(): void;
  /** What is known better already: after a write. */
  set(data: T): void;
}

/** Reads when `key` changes; null reads nothing. An answer that came too late is dropped. */
export function useLoad<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; error: ApiError | null; isLoading: boolean }>({
    key,
    error: null,
    isLoading: key !== null,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    setState((before) =>
      before.key === key ? { ...before, error: null, isLoading: true } : { key, error: null, isLoading: true },
    );
    latest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ key, data, error: null, isLoading: false }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setState((before) => ({ ...before, error: asApiError(error), isLoading: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const set = useCallback((data: T) => setState((before) => ({ ...before, data })), []);
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : null,
    isLoading: isCurrent ? state.isLoading : true,
    reload,
    set,
  };
}

/** A write that a button starts: one at a time, its refusal kept for the form. */
export interface Action<Args extends unknown[]> {
  run(...args: Args): Promise<boolean>;
  isBusy: boolean;
  error: ApiError | null;
  clear(): void;
}

/** `run` answers whether it went well; what it refused stands in `error`. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const latest = useRef(act);
  latest.current = act;
  const running = useRef(false);
  const run = useCallback(async (...args: Args) => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await latest.current(...args);
      return true;
    } catch (failure) {
      setError(asApiError(failure));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { run, isBusy, error, clear: useCallback(() => setError(null), []) };
}

/** What is no refusal of the server is a fault of this page: said as such, and left in the console for who mends it. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError(-1, { code: 'PANEL', message: error instanceof Error ? error.message : String(error) });
}
