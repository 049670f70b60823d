import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { DEFAULT_MODEL, sttSettings } from './config.ts';

/** Bounds of a synchronous request; 60 s at 48 kHz are 7.7 of its 10 MB as base64. */
export const MAX_SECONDS = 60;

export const SAMPLE_RATES = [16_000, 8000, 48_000];

/** The vendor takes 5,000 phrases of 100 characters, 100,000 in all: 1,000 of the longest. */
export const MAX_PHRASES = 1000;

export const MAX_PHRASE_CHARS = 100;

/** `stt/google-speech`. */
export const googleSpeechStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'google-speech',
  id: 'google-speech',
  title: 'Google Cloud Speech-to-Text',
  settings: sttSettings,
  aliases: ['google_speech'],
  models: [DEFAULT_MODEL, 'latest_long', 'command_and_search', 'default'],
  capabilities(given) {
    const settings = parseConfig(sttSettings, given);
    return {
      streaming: false,
      interim: false,
      words: true,
      diarization: true,
      keyterms: { max: MAX_PHRASES, maxChars: MAX_PHRASE_CHARS },
      languages: ['pt-BR', 'pt-PT', 'en-US', 'es-ES', 'es-US', 'fr-FR', 'it-IT', 'de-DE', 'ja-JP', 'ko-KR'],
      sampleRates: SAMPLE_RATES,
      maxSeconds: MAX_SECONDS,
      region: settings.region,
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 20, max: 1000 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 0,
      maxConcurrent: settings.maxConcurrent,
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};
