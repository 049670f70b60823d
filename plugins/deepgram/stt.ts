import { type ProviderManifest, parseConfig, type SttCapabilities } from '../../core/contracts/index.ts';
import { type DeepgramSettings, regionOf, settingsSchema } from './config.ts';
import { isFlux, KEYTERMS, takesKeyterms } from './query.ts';

/** `stt/deepgram`. */
export const deepgramStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'deepgram',
  id: 'deepgram',
  title: 'Deepgram Nova e Flux',
  settings: settingsSchema,
  models: ['nova-3', 'nova-3-medical', 'nova-2', 'flux-general-multi', 'flux-general-en'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      streaming: true,
      interim: true,
      words: true,
      ...(takesKeyterms(settings.model) ? { keyterms: KEYTERMS } : {}),
      sampleRates: [16_000, 48_000, 24_000, 8000],
      maxSeconds: 3600,
      region: regionOf(settings.baseUrl),
      chunkMs: { min: 20, max: 250 },
      pushRate: 'fast',
      billing: 'audio',
      maxSessionMs: 3_300_000,
      maxConcurrent: settings.maxConcurrent,
      ...capabilitiesOf(settings),
    };
  },
  create: async (...given) => (await import('./stt-instance.ts')).create(...given),
  probe: async (...given) => (await import('./stt-instance.ts')).probe(...given),
};

/** What differs between the families of models. */
function capabilitiesOf({ model, endpointingMs }: DeepgramSettings) {
  if (!isFlux(model)) {
    return {
      diarization: true,
      languages: ['pt-BR', 'pt', 'en', 'es', 'fr', 'de', 'it', 'nl', 'ja'],
      endpointing: endpointingMs === 0 ? 'off' : 'vendor',
      finalize: 'ack',
      idle: 'keepalive',
    } as const satisfies Partial<SttCapabilities>;
  }
  return {
    diarization: false,
    languages: model === 'flux-general-en' ? ['en'] : ['pt', 'en', 'es', 'fr', 'de', 'hi', 'ru', 'ja', 'it', 'nl'],
    endpointing: 'vendor',
    // It has no message that asks for an answer, nor one that keeps a quiet stream open.
    finalize: 'none',
    idle: 'close',
  } as const satisfies Partial<SttCapabilities>;
}
