import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { BATCH_MODELS, regionOf, STREAM_MODELS, settingsSchema } from './config.ts';

/** Of a live session, and more than a counter's catalogue needs by file (where it is 1,000): one limit for both. */
export const KEYTERMS = { max: 100, maxChars: 50 };

/** `stt/assemblyai`. */
export const assemblyAiStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'assemblyai',
  id: 'assemblyai',
  title: 'AssemblyAI Universal',
  settings: settingsSchema,
  models: [...new Set([...BATCH_MODELS, ...STREAM_MODELS])],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      streaming: true,
      interim: true,
      words: true,
      diarization: true,
      keyterms: KEYTERMS,
      languages: settings.streamModel === 'universal-streaming-english' ? ['en'] : ['pt', 'en', 'es', 'fr', 'de', 'it'],
      sampleRates: [16_000, 8000, 24_000, 44_100, 48_000],
      maxSeconds: 36_000,
      minMs: 160,
      region: regionOf(settings.baseUrl),
      endpointing: 'vendor',
      finalize: 'none',
      chunkMs: { min: 50, max: 1000 },
      pushRate: 'realtime',
      idle: 'close',
      billing: 'session',
      maxSessionMs: 10_800_000,
      maxConcurrent: settings.maxConcurrent,
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};
