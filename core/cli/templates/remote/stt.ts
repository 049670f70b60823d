import {
  type Audio,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  parseWire,
  requestJson,
  retiredModel,
  type Stt,
  type SttOptions,
  type Transcript,
  wavFile,
} from 'balto/contracts';
import {
  type AcmeSettings,
  credentialSchema,
  DEFAULT_MODEL,
  RETIRED,
  settingsSchema,
  TITLE,
  urlOf,
  vendor,
} from './config.ts';
import { refusal } from './errors.ts';
import { readWords, transcriptionSchema } from './stt-wire.ts';

const SAMPLE_RATES = [16_000, 8000, 24_000, 44_100, 48_000];
/** The vendor refuses a request with more terms, or with a longer one. */
const KEYTERMS = { max: 100, maxChars: 50 };

/** One request per utterance. No time-out and no second try: those are the core's. */
class AcmeStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: AcmeSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: AcmeSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    if (!SAMPLE_RATES.includes(audio.sampleRateHz)) {
      const message = `${TITLE}: não há ${audio.sampleRateHz} Hz`;
      throw new ProviderError({ code: 'unsupported', blame: 'core', message });
    }
    const { model } = this.#settings;
    const init = { method: 'POST', body: wavFile(audio), headers: { 'content-type': 'audio/wav' } };
    const body = await this.#json(`/v1/transcribe?${queryOf(model, options)}`, init, signal);
    const answer = parseWire(TITLE, transcriptionSchema, body);
    const quantity = answer.duration ?? audio.pcm.length / audio.sampleRateHz;
    return {
      text: answer.text.trim(),
      words: readWords(answer),
      ...(answer.language ? { language: answer.language } : {}),
      ...(answer.confidence === undefined ? {} : { confidence: answer.confidence }),
      ...(options.diarize ? { speakerScope: 'request' as const } : {}),
      model,
      requestId: answer.request_id,
      usage: [{ unit: 'second', quantity, of: 'audio_in', model }],
    };
  }

  /** The list of models: proves the key without anybody's voice. */
  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#settings.model, RETIRED);
    if (retired) throw retired;
    await this.#json('/v1/models', {}, signal);
  }

  async #json(path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#apiKey}` };
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${urlOf(this.#settings)}${path}`,
      init: { ...init, headers },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
    return body;
  }
}

/** `stt/acme`. */
export const acmeStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'acme',
  id: 'acme',
  title: TITLE,
  settings: settingsSchema,
  models: [DEFAULT_MODEL],
  capabilities: {
    streaming: false,
    interim: false,
    words: true,
    diarization: true,
    keyterms: KEYTERMS,
    languages: ['pt', 'en', 'es'],
    sampleRates: SAMPLE_RATES,
    maxSeconds: 3600,
    region: vendor.region,
    endpointing: 'off',
    finalize: 'none',
    chunkMs: { min: 20, max: 1000 },
    pushRate: 'fast',
    idle: 'close',
    billing: 'audio',
    maxSessionMs: 0,
    maxConcurrent: 10,
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): AcmeStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AcmeStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

function queryOf(model: string, { language, diarize, keyterms = [] }: SttOptions): URLSearchParams {
  const query = new URLSearchParams({ model, language, diarize: String(diarize === true) });
  const fitting = keyterms.filter((term) => term.length <= KEYTERMS.maxChars).slice(0, KEYTERMS.max);
  for (const term of fitting) query.append('keyterm', term);
  return query;
}
