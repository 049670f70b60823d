import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { regionOf, ttsSettingsSchema } from './config.ts';
import { DEFAULTS } from './models.ts';

/** Of `pcm`, the vendor's raw format: 24 kHz, mono, 16 bit, little endian; no other rate. */
export const SAMPLE_RATE_HZ = 24_000;

/** The vendor takes 4,096; slow speech of so many makes 11 MB, and an answer ends at 8 MiB. */
export const MAX_CHARS = 2000;

/** `tts/openai`. */
export const openAiTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI TTS',
  settings: ttsSettingsSchema,
  aliases: ['openai_tts'],
  models: [DEFAULTS.tts, 'tts-1', 'tts-1-hd'],
  capabilities(given) {
    const { baseUrl } = parseConfig(ttsSettingsSchema, given);
    return {
      streaming: true,
      languages: ['pt-BR', 'pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
      encodings: ['pcm_s16le'],
      sampleRates: [SAMPLE_RATE_HZ],
      maxChars: MAX_CHARS,
      region: regionOf(baseUrl),
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};
