import type { Detectors } from '../audio/hearing.ts';
import type { EarParts } from './ears.ts';

/** What an ear hears with: the detectors, the second one in case the first fails, and the cleaner. */
export function detectorsOf({ vad, fallbackVad, cleaner, cleanerFor, health }: EarParts): Detectors {
  return {
    vad: vad.instance,
    vadCapabilities: vad.capabilities,
    ...(fallbackVad
      ? {
          fallbackVad: fallbackVad.instance,
          fallbackVadCapabilities: fallbackVad.capabilities,
          fallbackVadName: fallbackVad.address,
        }
      : {}),
    ...(cleaner ? { cleaner: cleaner.instance } : {}),
    cleanerFor,
    ...(health ? { health } : {}),
  };
}
