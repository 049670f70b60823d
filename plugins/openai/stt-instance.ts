import {
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../core/contracts/index.ts';
import { credentialSchema, sttSettingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { isLive, LIVE_RATE_HZ, refuseRetired } from './models.ts';
import { OpenAiStream } from './realtime.ts';
import { uploadModel } from './stt.ts';
import { traitsOf } from './traits.ts';
import { CompatibleTranscription, termsOf } from './transcription.ts';

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

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<Stt> {
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

/** The whisper of this family takes a language and no key terms; the others take lists of both. */
function transcriptionOf(model: string, options: SttOptions): Record<string, unknown> {
  const { language } = new Intl.Locale(options.language);
  if (model.startsWith('gpt-realtime-whisper')) return { model, language };
  const keywords = termsOf(traitsOf(model), options);
  return { model, languages: [language], ...(keywords.length > 0 ? { keywords } : {}) };
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  refuseRetired(parseConfig(sttSettingsSchema, settings).model);
  await (await createUpload(credential, settings, ctx)).models(ctx.signal);
}
