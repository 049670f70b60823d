import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { regionOf, ttsSettingsSchema } from './config.ts';

/** What the vendor takes in one request. */
export const MAX_CHARS = 2000;

/** A voice for each language there is one of. Portuguese is not among them (specification of 2026-07-22). */
export const VOICES: Record<string, string> = {
  en: 'aura-2-thalia-en',
  es: 'aura-2-celeste-es',
  de: 'aura-2-viktoria-de',
  fr: 'aura-2-agathe-fr',
  it: 'aura-2-livia-it',
  nl: 'aura-2-rhea-nl',
  ja: 'aura-2-izanami-ja',
};

/** `tts/deepgram`. No voice of its speaks Portuguese: the languages say so, and so does a request for it. */
export const deepgramTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'deepgram',
  id: 'deepgram',
  title: 'Deepgram Aura, vozes (não em português)',
  settings: ttsSettingsSchema,
  models: Object.values(VOICES),
  capabilities(given) {
    const settings = parseConfig(ttsSettingsSchema, given);
    return {
      streaming: true,
      languages: [...new Set([languageOf(settings.model), ...Object.keys(VOICES)])],
      encodings: ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'],
      sampleRates: [16_000, 24_000, 8000, 32_000, 48_000, 22_050],
      maxChars: MAX_CHARS,
      region: regionOf(settings.baseUrl),
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};

/** `aura-2-thalia-en` → `en`. */
export function languageOf(voice: string): string {
  return voice.slice(voice.lastIndexOf('-') + 1);
}
