import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { DEFAULT_VOICE, ttsSettings } from './config.ts';

/** Under the core's bound of 8 MiB per answer, at 24 kHz and a slow voice. */
export const MAX_CHARS = 2000;

/** `tts/azure-speech`. The model of an address is the voice. */
export const azureSpeechTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'azure-speech',
  id: 'azure-speech',
  title: 'Azure Speech, vozes neurais',
  settings: ttsSettings,
  aliases: ['azure_speech', 'azure_neural'],
  models: [DEFAULT_VOICE, 'pt-BR-AntonioNeural', 'pt-BR-ThalitaMultilingualNeural'],
  capabilities(given) {
    return {
      streaming: true,
      languages: ['pt-BR', 'pt-PT', 'en-US', 'es-ES', 'es-MX', 'fr-FR', 'it-IT', 'de-DE'],
      encodings: ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'],
      sampleRates: [24_000, 16_000, 8000],
      maxChars: MAX_CHARS,
      region: parseConfig(ttsSettings, given).region,
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};
