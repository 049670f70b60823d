import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { regionOf, STT_MODEL, sttSettingsSchema } from './config.ts';

export const SAMPLE_RATES = [16_000, 24_000, 48_000, 44_100, 22_050, 8000];

/** The vendor states no limit; ours keeps the address of the stream short. */
export const KEYTERMS = { max: 50, maxChars: 50 };

/** `stt/xai`. */
export const xaiStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'xai',
  id: 'xai',
  title: 'xAI Speech to Text',
  settings: sttSettingsSchema,
  models: [STT_MODEL],
  capabilities(given) {
    const { baseUrl, maxConcurrent } = parseConfig(sttSettingsSchema, given);
    return {
      streaming: true,
      interim: true,
      words: true,
      diarization: true,
      keyterms: KEYTERMS,
      languages: ['pt', 'en', 'es', 'fr', 'it', 'de', 'ja', 'ko', 'zh', 'ru', 'tr', 'ar', 'hi', 'id', 'vi', 'bn'],
      sampleRates: SAMPLE_RATES,
      maxSeconds: 600,
      minMs: 100,
      region: regionOf(baseUrl),
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 100, max: 200 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 3_600_000,
      maxConcurrent,
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};
