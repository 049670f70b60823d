import { type ProviderManifest, parseConfig, type SttCapabilities } from '../../core/contracts/index.ts';
import { regionOf, sttSettingsSchema } from './config.ts';
import { DEFAULTS, isLive, LIVE_RATE_HZ } from './models.ts';
import { traitsOf, uploadCapabilities } from './traits.ts';

/** The vendor ends a session after 60 min, without a warning. */
const MAX_SESSION_MS = 3_300_000;

/** `stt/openai`: one upload per utterance; with a live model, sessions. */
export const openAiStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI Transcribe',
  settings: sttSettingsSchema,
  aliases: ['openai_whisper', 'whisper_api'],
  models: [
    DEFAULTS.stt,
    DEFAULTS.live,
    'gpt-realtime-whisper',
    'gpt-4o-transcribe',
    'gpt-4o-mini-transcribe',
    'gpt-4o-transcribe-diarize',
    'whisper-1',
  ],
  capabilities(given) {
    const { model, baseUrl, maxConcurrent } = parseConfig(sttSettingsSchema, given);
    const upload = uploadCapabilities(traitsOf(uploadModel(model)), { region: regionOf(baseUrl), maxConcurrent });
    return isLive(model) ? liveCapabilities(upload) : upload;
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};

export function uploadModel(model: string): string {
  return isLive(model) ? DEFAULTS.stt : model;
}

/** Text comes after a commit only: silence while somebody speaks is no stall, so `interim` is false. */
function liveCapabilities(upload: SttCapabilities): SttCapabilities {
  return {
    ...upload,
    streaming: true,
    sampleRates: [LIVE_RATE_HZ],
    finalize: 'ack',
    chunkMs: { min: 20, max: 250 },
    idle: 'keepalive',
    maxSessionMs: MAX_SESSION_MS,
  };
}
