import type { Test } from 'tap';
import type { Clock, Settings } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, keptLog, live } from './provider.ts';
import { wordListening } from './word-listening.ts';

export { dones, finals, readTo, say, seconds } from './live-stt.ts';

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
  const open = (signal = live(), options = {}) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open({ ...PORTUGUESE, ...options }, signal);
  };
  const probe = async () => deepgramStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, open, probe };
}
