import {
  type Audio,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  type Stt,
  type SttCapabilities,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../core/contracts/index.ts';
import { credentialSchema, regionOf, sttSettingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { DEFAULTS, isLive, refuseRetired } from './models.ts';
import { LIVE_RATE_HZ, OpenAiStream } from './realtime.ts';
import { CompatibleTranscription, termsOf, traitsOf, uploadCapabilities } from './transcription.ts';

/** The vendor ends a session after 60 min, without a warning. */
const MAX_SESSION_MS = 3_300_000;

interface LiveOptions {
  apiKey: string;
  baseUrl: string;
  model: string;
  ctx: ProviderContext;
  upload: CompatibleTranscription;
}

/** A live model: sessions of its own, and uploads by the model for whole utterances. */
class OpenAiLiveStt implements Stt {
  readonly #options: LiveOptions;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    return this.#options.upload.transcribe(audio, options, signal);
  }

  /** `signal` holds for the stream's whole life: when it fires, the socket is dropped and the iteration throws `aborted`. */
  async open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const { apiKey, baseUrl, model, ctx } = this.#options;
    if (options.sampleRateHz !== LIVE_RATE_HZ) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: ao vivo só áudio a 24 kHz` });
    }
    return OpenAiStream.open(ctx.connect, {
      url: `${baseUrl.replace(/\/+$/, '').replace(/^http/, 'ws')}/realtime?intent=transcription`,
      apiKey,
      model,
      transcription: transcriptionOf(model, options),
      clock: ctx.clock,
      signal,
      life: ctx.signal,
    });
  }
}

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
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(sttSettingsSchema, settings).model);
    await (await createUpload(credential, settings, ctx)).models(ctx.signal);
  },
};

async function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<Stt> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { model, baseUrl } = parseConfig(sttSettingsSchema, given);
  const upload = await createUpload(credential, given, ctx);
  return isLive(model) ? new OpenAiLiveStt({ apiKey, baseUrl, model, ctx, upload }) : upload;
}

function createUpload(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleTranscription> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { model: asked, baseUrl } = parseConfig(sttSettingsSchema, given);
  const model = uploadModel(asked);
  return CompatibleTranscription.create({
    apiKey,
    baseUrl,
    model,
    ctx,
    title: TITLE,
    traits: traitsOf(model),
    error: (error, signal, key) => chatError(TITLE, error, signal, key),
  });
}

function uploadModel(model: string): string {
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

/** The whisper of this family takes a language and no key terms; the others take lists of both. */
function transcriptionOf(model: string, options: SttOptions): Record<string, unknown> {
  const { language } = new Intl.Locale(options.language);
  if (model.startsWith('gpt-realtime-whisper')) return { model, language };
  const keywords = termsOf(traitsOf(model), options);
  return { model, languages: [language], ...(keywords.length > 0 ? { keywords } : {}) };
}
