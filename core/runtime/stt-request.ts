import { CORE_SAMPLE_RATE_HZ, type SttCapabilities, type SttOptions } from '../contracts/index.ts';

/** The rate a provider is given: the core's own where it takes it, else its best. */
export function rateFor(capabilities: SttCapabilities): number {
  if (capabilities.sampleRates.includes(CORE_SAMPLE_RATE_HZ)) return CORE_SAMPLE_RATE_HZ;
  return capabilities.sampleRates[0] ?? CORE_SAMPLE_RATE_HZ;
}

/** The session's settings as this provider can take them: they follow the session to whichever candidate is elected. */
export function optionsFor(capabilities: SttCapabilities, options: SttOptions): SttOptions {
  const { keyterms, diarize, words, ...rest } = options;
  const taken: SttOptions = { ...rest, sampleRateHz: rateFor(capabilities) };
  const { keyterms: limit } = capabilities;
  if (keyterms && limit) {
    taken.keyterms = keyterms.filter((term) => term.length <= limit.maxChars).slice(0, limit.max);
  }
  if (diarize && capabilities.diarization) taken.diarize = true;
  if (words && capabilities.words) taken.words = true;
  return taken;
}
