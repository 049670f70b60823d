import type { Test } from 'tap';
import type {
  ProviderManifest,
  Settings,
  Tts,
  TtsEvent,
  TtsRequest,
  VendorManifest,
} from '../../core/contracts/index.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, keptLog, live } from './provider.ts';

interface Voice {
  vendor: VendorManifest;
  provider: ProviderManifest<'tts'>;
  start(): Promise<Emulator>;
}

/** A voice over a real socket to its vendor's emulator, closed with the test. */
export async function arrangeVoice(
  test: Test,
  { vendor, provider, start }: Voice,
  given: { apiKey?: string; settings?: Settings; maxBodyBytes?: number } = {},
) {
  const emulator = await start();
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const tts = await provider.create({ apiKey }, settings, ctx);
  const probe = async () => provider.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, tts, probe };
}

/** Reads a synthesis to its end. */
export async function speak(tts: Tts, request: TtsRequest, signal: AbortSignal = live()) {
  const pieces: Uint8Array[] = [];
  const others: TtsEvent[] = [];
  for await (const event of tts.synthesize(request, signal)) {
    if (event.type === 'audio') pieces.push(event.bytes);
    else others.push(event);
  }
  return { pieces, others, audio: Buffer.concat(pieces) };
}
