import { formatDuration } from '../../lib/format.ts';
import type { CounterView, Standing } from './model.ts';
import type { CardShown, Stages } from './types.ts';

/** What a counter does, as a person sees it. */
export type Mood = Standing['state'] | 'silent';

/** Nothing was said for so long at a counter that listens: somebody should look at its microphone. */
const SILENT_MS = 10 * 60_000;

/** Reads the counter's signals. */
export function moodOf({ standing, spokenAt }: CounterView, now: number): Mood {
  const { session, state } = standing.value;
  if (state !== 'listening' || session === null) return state;
  const since = Math.max(spokenAt.value ?? 0, Date.parse(session.since));
  return now - since > SILENT_MS ? 'silent' : 'listening';
}

/** Since when, in milliseconds, for those moods whose length matters; null: it does not. */
export function moodSince(counter: CounterView, mood: Mood): number | null {
  const { session, since } = counter.standing.value;
  if (mood === 'silent') return Math.max(counter.spokenAt.value ?? 0, Date.parse(session?.since ?? '') || 0);
  return mood === 'offline' || mood === 'away' || mood === 'paused' ? since : null;
}

/** What the eye should find first. */
export function needsLook(mood: Mood, { standing }: CounterView): boolean {
  return mood === 'silent' || mood === 'away' || (standing.value.session?.degraded.length ?? 0) > 0;
}

export type StateFilter = 'all' | 'online' | 'speaking' | 'look' | 'offline';

/** Whether a counter is shown. Reads its signals only where the filter asks for them. */
export function passes(counter: CounterView, filter: { text: string; state: StateFilter }, now: number): boolean {
  const { text, state } = filter;
  if (text !== '' && !folded(counter.name.value).includes(folded(text))) return false;
  if (state === 'all') return true;
  const mood = moodOf(counter, now);
  if (state === 'online') return mood !== 'offline';
  if (state === 'look') return needsLook(mood, counter);
  return mood === state;
}

/** Small letters without accents. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** From the end of speech to the socket, as far as it is known. */
export function totalMs(stages: Stages): number {
  const { hangOver, stt, context, llm, gate, sent } = stages;
  return [hangOver, stt, context, llm, gate, sent].reduce<number>((sum, ms) => sum + Math.max(0, ms ?? 0), 0);
}

/** What a card offers, in a line. */
export function offered({ items, itemCount }: CardShown): string {
  return items ? items.map(({ sugestao }) => sugestao).join(' · ') : String(itemCount);
}

/** `1,2 s`. */
export function took(stages: Stages): string {
  return formatDuration(totalMs(stages));
}
