import type { TtsRequest } from 'balto/contracts';

/** Rates of the vendor's PCM, in Hz, best first. */
export const SAMPLE_RATES = [24_000, 16_000, 8000];

const DEFAULT_VOICE = 'ana';

/** Body of `POST /v1/speech`; the answer is the raw audio. */
export function speechBody(model: string, { text, voice, language, sampleRateHz }: TtsRequest) {
  return { model, text, voice: voice || DEFAULT_VOICE, language, format: 'pcm', sample_rate: sampleRateHz };
}
