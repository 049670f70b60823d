import type { Test } from 'tap';
import type { Clock, Settings, SttEvent, SttStream } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, keptLog, live, spoken } from './provider.ts';
import { wordListening } from './word-listening.ts';

export const PORTUGUESE = { language: 'pt-BR', sampleRateHz: 16_000 };

interface Given {
  apiKey?: string;
  settings?: Settings;
  fault?: Fault;
  idleMs?: number;
  clock?: Clock;
}

/** The plugin over a real socket to its emulator, both closed with the test. */
export async function arrange(test: Test, given: Given = {}) {
  const { idleMs = 10_000, fault = null } = given;
  const emulator = await startDeepgram({ listening: wordListening, fault, idleMs });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const clock = given.clock === undefined ? {} : { clock: given.clock };
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000, ...clock });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await deepgramStt.create({ apiKey }, settings, ctx);
  const open = (signal = live()) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open(PORTUGUESE, signal);
  };
  const probe = async () => deepgramStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, open, probe };
}

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
