import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { STT_MODEL, sttSettings } from './config.ts';

/** Of fast transcription (vendor's list). Single languages are refused, so `pt` alone is no name here. */
export const LOCALES = [
  'pt-BR',
  'en-US',
  'es-ES',
  'es-MX',
  'fr-FR',
  'it-IT',
  'de-DE',
  'ja-JP',
  'ko-KR',
  'zh-CN',
  'hi-IN',
];

/** The vendor's bound on a phrase list; it states none on the length of a phrase, this one is ours. */
export const MAX_PHRASES = 500;

export const MAX_PHRASE_CHARS = 100;

/** `stt/azure-speech`. */
export const azureSpeechStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'azure-speech',
  id: 'azure-speech',
  title: 'Azure Speech, transcrição rápida',
  settings: sttSettings,
  aliases: ['azure_speech'],
  models: [STT_MODEL],
  capabilities(given) {
    const settings = parseConfig(sttSettings, given);
    return {
      streaming: false,
      interim: false,
      words: true,
      diarization: true,
      keyterms: { max: MAX_PHRASES, maxChars: MAX_PHRASE_CHARS },
      languages: LOCALES,
      sampleRates: [16_000, 8000, 48_000],
      maxSeconds: 7200,
      minMs: 100,
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
