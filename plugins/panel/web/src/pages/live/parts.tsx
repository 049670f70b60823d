import { useComputed } from '@preact/signals';
import { formatAgo, formatMicroUsd, formatReais } from '../../lib/format.ts';
import { live as t } from '../../messages/live.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Tone } from '../../ui/feedback.tsx';
import type { CounterView } from './model.ts';
import { brlPerUsd, now } from './store.ts';
import { type Mood, moodOf, moodSince } from './view.ts';

const TONES: Record<Mood, Tone> = {
  listening: 'good',
  speaking: 'info',
  paused: 'plain',
  away: 'warn',
  silent: 'warn',
  offline: 'plain',
};

/** What the counter does, in a word, and since when where that matters. */
export function MoodBadge({ counter }: { counter: CounterView }) {
  const shown = useComputed(() => {
    const mood = moodOf(counter, now.value);
    const since = moodSince(counter, mood);
    const word = t(`mood.${mood}`);
    const text = since === null ? word : t('mood.since', { mood: word, ago: formatAgo(since, now.value) });
    return `${mood}|${text}`;
  });
  const [mood = 'offline', text = ''] = shown.value.split('|') as [Mood, string];
  return (
    <Badge tone={TONES[mood]}>
      <span class="live-dot" aria-hidden="true" />
      {text}
    </Badge>
  );
}

/** That a part of the ear failed, and which. */
export function DegradedBadge({ counter }: { counter: CounterView }) {
  const parts = useComputed(() =>
    (counter.standing.value.session?.degraded ?? []).map((part) => t.of(`part.${part}`, part)).join(', '),
  );
  if (parts.value === '') return null;
  return (
    <span title={t('degraded.hint', { parts: parts.value })}>
      <Badge tone="warn">{t('degraded')}</Badge>
    </span>
  );
}

/** In reais where a rate is known; else in dollars. */
export function money(microUsd: number | null): string {
  const rate = brlPerUsd.value;
  if (rate === null || microUsd === null) return formatMicroUsd(microUsd);
  const reais = (microUsd / 1e6) * rate;
  return formatReais(reais, reais !== 0 && Math.abs(reais) < 1 ? 4 : 2);
}

/** The dollars beside it; empty where there are no reais to stand beside. */
export function dollarsBeside(microUsd: number | null): string {
  return brlPerUsd.value === null || microUsd === null ? '' : formatMicroUsd(microUsd);
}

/** Who chose: a rule by its id, or one of the lists. */
export function ruleName(rule: string): string {
  return t.of(`rule.${rule}`, t('rule.other', { rule }));
}
