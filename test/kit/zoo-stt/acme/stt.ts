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
  type SttStream,
  type Transcript,
} from '../../../../core/contracts/index.ts';
import { type AcmeSettings, credentialSchema, RETIRED, settingsSchema, TITLE } from './config.ts';
import { refusal } from './errors.ts';
import { AcmeStream } from './stream.ts';
import { readWords, transcriptSchema } from './wire.ts';

const SAMPLE_RATES = [16_000, 8000];
const KEYTERMS = { max: 10, maxChars: 30 };

/** The reference: right in everything the kit asks of an STT provider. */
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
    const { model } = this.#settings;
    const { buffer, byteOffset, byteLength } = audio.pcm;
    const body = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    const answer = await this.#request(
      `/v1/transcribe?${this.#query(options, audio.sampleRateHz)}`,
      { method: 'POST', body },
      signal,
    );
    const { id, text, words: told, seconds } = parseWire(TITLE, transcriptSchema, answer.body);
    return {
      text,
      language: options.language,
      words: readWords(told),
      ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
      model,
      requestId: id,
      usage: [{ unit: 'second', quantity: seconds, of: 'audio_in', model }],
    };
  }

  async open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const { clock } = this.#ctx;
    const sampleRateHz = options.sampleRateHz ?? 16_000;
    const query = this.#query(options, sampleRateHz);
    const signals = [signal, this.#ctx.signal];
    const stream = new AcmeStream({ model: this.#settings.model, sampleRateHz, clock, signals });
    await stream.link.open(this.#ctx.connect, {
      url: `${this.#settings.baseUrl.replace(/^http/, 'ws')}/v1/stream?${query}`,
      headers: this.#headers(),
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, this.#apiKey),
      onMessage: (message) => stream.onMessage(message),
      onClose: (code) => stream.onClose(code),
    });
    return stream;
  }

  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#settings.model, RETIRED);
    if (retired) throw retired;
    await this.#request('/v1/account', {}, signal);
  }

  #query(options: SttOptions, sampleRateHz: number): URLSearchParams {
    if (!SAMPLE_RATES.includes(sampleRateHz)) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só 16 e 8 kHz` });
    }
    const { language, diarize, keyterms = [] } = options;
    const query = new URLSearchParams({ model: this.#settings.model, language, rate: String(sampleRateHz) });
    if (diarize === true) query.set('diarize', 'true');
    const terms = keyterms.filter((term) => term.length <= KEYTERMS.maxChars);
    for (const term of terms.slice(0, KEYTERMS.max)) query.append('term', term);
    return query;
  }

  #request(path: string, init: RequestInit, signal: AbortSignal) {
    return requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#settings.baseUrl}${path}`,
      init: { ...init, headers: this.#headers() },
      signal,
      refuse: (response, body) => refusal(response.status, response.headers, body, this.#apiKey),
    });
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#apiKey}` };
  }
}

function create(credential: unknown, settings: unknown, ctx: ProviderContext): AcmeStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AcmeStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

/** `stt/acme`. */
export const acmeStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'acme',
  id: 'acme',
  title: 'Acme Escuta',
  settings: settingsSchema,
  models: ['acme-1'],
  capabilities: {
    streaming: true,
    interim: true,
    words: true,
    diarization: true,
    keyterms: KEYTERMS,
    languages: ['pt-BR'],
    sampleRates: SAMPLE_RATES,
    maxSeconds: 3600,
    region: 'us',
    endpointing: 'off',
    finalize: 'ack',
    chunkMs: { min: 20, max: 250 },
    pushRate: 'fast',
    idle: 'keepalive',
    billing: 'audio',
    maxSessionMs: 3_600_000,
    maxConcurrent: 10,
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};
