import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { STT_MODEL, sttSchema } from './config.ts';

export const SAMPLE_RATE_HZ = 16_000;

/** Whisper hears windows of 30 s, and the library cuts what is longer without a word. */
export const MAX_SECONDS = 28;

/** Languages a request may ask for: the library ends its process at a code it does not know. */
export const LANGUAGES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ru', 'ja', 'ko', 'zh'];

/** `stt/sherpa`: whatever offline model the operator has put in a folder. */
export const sherpaStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'sherpa',
  id: 'sherpa',
  title: 'sherpa-onnx (nesta máquina)',
  settings: sttSchema,
  aliases: ['whisper_local'],
  models: [STT_MODEL],
  capabilities(given) {
    const settings = parseConfig(sttSchema, given);
    return {
      streaming: false,
      interim: false,
      // Transducer and CTC models give them, Whisper does not; what the folder holds is known only when it is loaded.
      words: false,
      diarization: false,
      languages: LANGUAGES,
      sampleRates: [SAMPLE_RATE_HZ],
      maxSeconds: MAX_SECONDS,
      minMs: 300,
      region: 'local',
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 20, max: 1000 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 0,
      maxConcurrent: settings.maxJobs,
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};
