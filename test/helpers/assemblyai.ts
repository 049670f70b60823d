import type { Test } from 'tap';
import type { Clock, Settings, SttOptions } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/assemblyai/config.ts';
import { assemblyAiStt } from '../../plugins/assemblyai/stt.ts';
import { startAssemblyAi } from '../emulators/assemblyai.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, keptLog, live } from './provider.ts';
import { wordListening } from './word-listening.ts';

export const PORTUGUESE = { language: 'pt-BR', sampleRateHz: 16_000 };

interface Given {
  apiKey?: string;
  settings?: Settings;
  fault?: Fault;
  pendingPolls?: number;
  clock?: Clock;
}

/** The plugin over real sockets to its emulator, both closed with the test. */
export async function arrange(test: Test, given: Given = {}) {
  const { fault = null, pendingPolls = 0 } = given;
  const emulator = await startAssemblyAi({ listening: wordListening, fault, pendingPolls });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const clock = given.clock === undefined ? {} : { clock: given.clock };
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000, ...clock });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await assemblyAiStt.create({ apiKey }, settings, ctx);
  const open = (signal = live(), options: SttOptions = PORTUGUESE) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open(options, signal);
  };
  const probe = async () => assemblyAiStt.probe?.({ apiKey }, settings, ctx);
  /** Methods and paths asked so far, ids left out. */
  const asked = () => emulator.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`);
  return { emulator, log, stt, open, probe, asked };
}
