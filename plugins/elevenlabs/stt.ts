import { type ProviderManifest, parseConfig, type SttCapabilities } from '../../core/contracts/index.ts';
import { type ElevenLabsSettings, isRealtime, regionOf, settingsSchema } from './config.ts';
import { BATCH_TERMS, REALTIME_TERMS } from './keyterms.ts';

/** Of `pcm_s16le_16`, the vendor's raw format: 16 kHz, mono, little endian. */
export const SAMPLE_RATE_HZ = 16_000;
const LANGUAGES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'];

/** `stt/elevenlabs`: `scribe_v2` by request, `scribe_v2_realtime` live. */
export const elevenLabsStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'elevenlabs',
  id: 'elevenlabs',
  title: 'ElevenLabs Scribe',
  settings: settingsSchema,
  models: ['scribe_v2', 'scribe_v2_realtime', 'scribe_v1'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      ...commonCapabilities(settings),
      ...(isRealtime(settings.model) ? liveOnes() : batchOnes(settings.model)),
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};

function batchOnes(model: string) {
  return {
    streaming: false,
    interim: false,
    diarization: true,
    ...(takesKeyterms(model) ? { keyterms: { max: BATCH_TERMS.max, maxChars: BATCH_TERMS.maxChars } } : {}),
    sampleRates: [SAMPLE_RATE_HZ],
    maxSeconds: 36_000,
    minMs: 100,
    finalize: 'none',
    chunkMs: { min: 20, max: 1000 },
    pushRate: 'fast',
    maxSessionMs: 0,
  } as const satisfies Partial<SttCapabilities>;
}

function liveOnes() {
  return {
    streaming: true,
    interim: true,
    diarization: false,
    keyterms: { max: REALTIME_TERMS.max, maxChars: REALTIME_TERMS.maxChars },
    sampleRates: [SAMPLE_RATE_HZ, 8000, 22_050, 24_000, 44_100, 48_000],
    maxSeconds: 3600,
    finalize: 'ack',
    // The vendor's advice.
    chunkMs: { min: 100, max: 1000 },
    // It has an error for a full queue, and every example of its own sends in real time.
    pushRate: 'realtime',
    // It publishes no limit, only an error for one.
    maxSessionMs: 600_000,
  } as const satisfies Partial<SttCapabilities>;
}

export function takesKeyterms(model: string): boolean {
  return model !== 'scribe_v1';
}

function commonCapabilities(settings: ElevenLabsSettings) {
  return {
    words: true,
    languages: LANGUAGES,
    region: regionOf(settings.baseUrl),
    endpointing: 'off',
    idle: 'close',
    billing: 'audio',
    maxConcurrent: settings.maxConcurrent,
  } as const satisfies Partial<SttCapabilities>;
}
