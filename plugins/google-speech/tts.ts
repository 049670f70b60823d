import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { DEFAULT_VOICE, ttsSettings } from './config.ts';

export const SAMPLE_RATES = [24_000, 16_000, 8000];

/**
 * Under the core's bound of 8 MiB per answer, as base64, at 24 kHz and a slow voice; and under the vendor's of 5,000 bytes
 * of UTF-8, as no UTF-16 unit takes more than three.
 */
export const MAX_CHARS = 1500;

/** `tts/google-speech`. The model of an address is the voice. */
export const googleSpeechTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'google-speech',
  id: 'google-speech',
  title: 'Google Cloud Text-to-Speech',
  settings: ttsSettings,
  aliases: ['google_speech', 'google_tts'],
  models: [DEFAULT_VOICE, 'pt-BR-Neural2-B', 'pt-BR-Neural2-C', 'pt-BR-Wavenet-A', 'pt-BR-Standard-A'],
  capabilities(given) {
    return {
      streaming: false,
      languages: ['pt-BR', 'pt-PT', 'en-US', 'es-ES', 'es-US', 'fr-FR', 'it-IT', 'de-DE'],
      encodings: ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'],
      sampleRates: SAMPLE_RATES,
      maxChars: MAX_CHARS,
      region: parseConfig(ttsSettings, given).region,
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};
