import type { Cleaner, ProviderContext, Vad, VadCapabilities } from '../../core/contracts/index.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import { sileroProvider } from '../../plugins/silero/vad.ts';
import { spectralGateProvider } from '../../plugins/spectral-gate/cleaner.ts';
import { SILENT } from './recording.ts';

/** The VAD and the cleaner that ship as the default, as the server makes them. */
export async function openDetectors(): Promise<{ vad: Vad; vadCapabilities: VadCapabilities; cleaner: Cleaner }> {
  const refuse = () => Promise.reject(new Error('a local provider uses no network'));
  const { signal } = new AbortController();
  const ctx: ProviderContext = {
    fetch: refuse,
    connect: refuse,
    clock: systemClock,
    random: Math.random,
    log: SILENT,
    signal,
  };
  const silero = sileroProvider();
  return {
    vad: await silero.create({}, {}, ctx),
    vadCapabilities: silero.capabilities as VadCapabilities,
    cleaner: await spectralGateProvider.create({}, {}, ctx),
  };
}
