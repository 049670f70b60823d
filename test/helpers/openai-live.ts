import type { Test } from 'tap';
import type { SttOptions, SttStream } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiStt } from '../../plugins/openai/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, keptLog, live } from './provider.ts';
import { wordListening } from './word-listening.ts';

export const LIVE_OPTIONS: SttOptions = { language: 'pt-BR', sampleRateHz: 24_000 };

/** The live plugin over a real socket to its emulator, both closed with the test. */
export async function arrangeLive(test: Test, given: { fault?: Fault; apiKey?: string; model?: string } = {}) {
  const { fault = null, apiKey = EMULATOR_KEY, model = 'gpt-live-transcribe' } = given;
  const emulator = await startOpenAi({ listening: wordListening, fault });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}/v1`, model };
  const log = keptLog();
  const stt = await openAiStt.create({ apiKey }, settings, contextFor(test, vendor, settings, { log }));
  const open = (options: Partial<SttOptions> = {}, signal = live()) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open({ ...LIVE_OPTIONS, ...options }, signal);
  };
  return { emulator, log, stt, open };
}

/** Half a second of each word, at 24 kHz, in pieces of 100 ms. */
export function sayLive(stream: SttStream, words: number[]): void {
  for (const word of words) {
    const pcm = new Int16Array(2400).fill(word * 100);
    for (let piece = 0; piece < 5; piece++) stream.push(pcm);
  }
}
