import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { regionOf, ttsSettingsSchema } from './config.ts';

/** The fastest takes 40,000; so many at 24 kHz stay under the core's bound of 8 MiB per answer. */
export const MAX_CHARS = 2400;

/** `tts/elevenlabs`. */
export const elevenLabsTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'elevenlabs',
  id: 'elevenlabs',
  title: 'ElevenLabs, vozes',
  settings: ttsSettingsSchema,
  models: ['eleven_flash_v2_5', 'eleven_multilingual_v2', 'eleven_v3', 'eleven_turbo_v2_5'],
  capabilities(given) {
    return {
      streaming: true,
      languages: ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
      encodings: ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'],
      sampleRates: [16_000, 8000, 22_050, 24_000, 44_100, 48_000],
      maxChars: MAX_CHARS,
      region: regionOf(parseConfig(ttsSettingsSchema, given).baseUrl),
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};
