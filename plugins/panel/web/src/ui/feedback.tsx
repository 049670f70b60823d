import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../lib/api.ts';
import type { Loaded } from '../lib/load.ts';
import { shell } from '../messages/shell.ts';
import { Button } from './button.tsx';

/** A refusal: what it says, what may be done. */
export function Failure({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <strong>{shell('error.title')}</strong>
      <p>{error.message}</p>
      <p class="hint">
        {shell('error.code', { code: error.code })}
        {error.instance ? ` · ${shell('error.instance', { instance: error.instance })}` : ''}
      </p>
      {onRetry ? <Button onClick={onRetry}>{shell('error.retry')}</Button> : null}
    </div>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';

export function Notice({
  tone = 'info',
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children?: ComponentChildren;
}) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      {title ? <strong>{title}</strong> : null}
      {children}
    </div>
  );
}

/** Nothing there: why, and what to do about it. */
export function Empty({ title, children }: { title?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title ?? shell('state.empty')}</strong>
      {children}
    </div>
  );
}

/** Grey lines where something will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">{shell('state.loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} aria-hidden="true" />
      ))}
    </div>
  );
}

/** What was read, or why not, or that it is being read. `isEmpty` and `empty`: what to show when there is none. */
export function Load<T>({
  of,
  children,
  isEmpty,
  empty,
  lines,
}: {
  of: Loaded<T>;
  children: (data: T) => ComponentChildren;
  isEmpty?: (data: T) => boolean;
  empty?: ComponentChildren;
  lines?: number;
}) {
  const { data, error, reload } = of;
  return (
    <>
      {error ? <Failure error={error} onRetry={reload} /> : null}
      {data === undefined ? (
        error ? null : (
          <Skeleton lines={lines ?? 3} />
        )
      ) : isEmpty?.(data) ? (
        (empty ?? <Empty />)
      ) : (
        children(data)
      )}
    </>
  );
}

interface Told {
  id: number;
  tone: Tone;
  text: string;
}

const SHOWN_MS = 6000;
const toasts = signal<readonly Told[]>([]);
let count = 0;

/** Says something in passing: seen for some seconds, and read out. */
export function tell(text: string, tone: Tone = 'good'): void {
  const told = { id: ++count, tone, text };
  toasts.value = [...toasts.value.slice(-3), told];
  setTimeout(() => {
    toasts.value = toasts.value.filter(({ id }) => id !== told.id);
  }, SHOWN_MS);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, tone, text }) => (
        <p key={id} class={`toast ${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
