import type { SttEvent, SttStream } from '../../core/contracts/index.ts';
import { spoken } from './provider.ts';

/** Pushes audio in pieces of 100 ms, as the runtime does. */
export function say(stream: SttStream, words: number[]): void {
  const { pcm } = spoken(words);
  for (let at = 0; at < pcm.length; at += 1600) stream.push(pcm.subarray(at, at + 1600));
}

/** Reads to the first `done` with this marker, or to the end. */
export async function readTo(stream: SttStream, marker?: number): Promise<SttEvent[]> {
  const events: SttEvent[] = [];
  const reader = stream[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await reader.next();
    if (done) return events;
    events.push(value);
    if (value.type === 'done' && value.marker === marker) return events;
  }
}

export const finals = (events: SttEvent[]) =>
  events.flatMap((event) => (event.type === 'final' && event.text !== '' ? [event.text] : []));
export const dones = (events: SttEvent[]) => events.flatMap((event) => (event.type === 'done' ? [event.marker] : []));
export const seconds = (events: SttEvent[]) =>
  events.flatMap((event) => (event.type === 'usage' ? event.usage : [])).reduce((sum, each) => sum + each.quantity, 0);
