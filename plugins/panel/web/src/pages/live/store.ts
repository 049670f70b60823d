import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { chosenClient, loadSession } from '../../lib/session.ts';
import { LiveConnection } from './connection.ts';
import { FLUSH_MS, LiveModel } from './model.ts';
import type { LiveEvents } from './types.ts';

/** The one view of the counters that this page has, list and detail alike. */
export const model = new LiveModel();
/** Moves every few seconds: ages are shown by it. */
export const now = signal(Date.now());
/** Why what is shown may have holes; null: it has none. */
export const gap = signal<LiveEvents['gap'] | null>(null);
/** Reais per dollar; null: no rate is known. */
export const brlPerUsd = signal<number | null>(null);

export const connection = new LiveConnection({
  open: (url) => new EventSource(url),
  onEvent: (kind, data) => {
    if (kind === 'hello') gap.value = null;
    if (kind === 'gap') showGap(data as LiveEvents['gap']);
    model.take(kind, data);
  },
  onRefused: () => void get('/api/v1/me').catch(() => {}), // without a session the frame shows the login
  onAccess: () => {
    model.reset();
    void loadSession().catch(() => {}); // the next attempt says what is wrong
  },
  onRestart: () => void reloadIfNew(),
});

/** What was dropped for a slow browser has been shown again: that is news for a while only. */
const SLOW_SHOWN_MS = 60_000;

function showGap(found: LiveEvents['gap']): void {
  gap.value = found;
  if (found.reason !== 'slow') return;
  setTimeout(() => {
    if (gap.value === found) gap.value = null;
  }, SLOW_SHOWN_MS);
}

const NOW_MS = 5000;
/** A tab that nobody looks at for so long lets go of its stream, and of the session that the stream keeps. */
const HIDDEN_MS = 15 * 60_000;

/** Keeps the stream open while a page that shows it is. */
export function useLive(): void {
  useEffect(() => {
    const flush = setInterval(() => model.flush(), FLUSH_MS);
    const tick = setInterval(() => {
      now.value = Date.now();
      model.sweep();
    }, NOW_MS);
    const stopFollowing = effect(() => {
      const clientId = chosenClient.value;
      model.reset();
      gap.value = null;
      connection.start(clientId);
    });
    const stopHiding = closeWhileHidden();
    void readRate();
    return () => {
      stopHiding();
      stopFollowing();
      connection.stop();
      clearInterval(flush);
      clearInterval(tick);
      model.reset();
    };
  }, []);
}

function closeWhileHidden(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        isClosed = true;
        connection.stop();
      }, HIDDEN_MS);
    } else if (isClosed) {
      isClosed = false;
      connection.resume();
    }
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

async function readRate(): Promise<void> {
  const found = await get<{ exchange: { brlPerUsd: number } | null }>('/api/v1/costs', {
    by: 'client',
    limit: 1,
  }).catch(
    () => null, // amounts stay in dollars
  );
  brlPerUsd.value = found?.exchange?.brlPerUsd ?? null;
}

/** A server that was started again may bring another panel: its page names other files. */
async function reloadIfNew(): Promise<void> {
  const own = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute('src');
  const answer = await fetch('/admin/', { cache: 'no-store' }).catch(() => null);
  if (!own || !answer?.ok) return;
  if (!(await answer.text()).includes(own)) location.reload();
}
