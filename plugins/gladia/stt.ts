import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { languagesOf, settingsSchema, vendor } from './config.ts';

/** The vendor publishes no limit of its vocabulary; a counter's products fit in this. */
export const KEYTERMS = { max: 100, maxChars: 100 };

/** A queue stands before every job, and "can be a large share of the total duration" of short ones. */
const FIRST_OUTPUT_MS = 15_000;

/** `stt/gladia`. */
export const gladiaStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'gladia',
  id: 'gladia',
  title: 'Gladia Solaria',
  settings: settingsSchema,
  models: ['solaria-1', 'solaria-3'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      streaming: false,
      interim: false,
      words: true,
      diarization: true,
      keyterms: KEYTERMS,
      languages: languagesOf(settings.model),
      sampleRates: [16_000, 8000, 24_000, 44_100, 48_000],
      maxSeconds: 8100,
      region: vendor.region,
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 20, max: 1000 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 0,
      maxConcurrent: settings.maxConcurrent,
      deadlines: { firstOutputMs: FIRST_OUTPUT_MS },
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};
