import {
  type Audio,
  CORE_SAMPLE_RATE_HZ,
  type ProviderContext,
  type ProviderManifest,
  parseConfig,
  parseWire,
  requestJson,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../core/contracts/index.ts';
import { credentialSchema, type DeepgramSettings, settingsSchema, TITLE } from './config.ts';
import { refusal } from './errors.ts';
import { DeepgramStream } from './stream.ts';
import { prerecordedSchema, readChannel } from './wire.ts';

/** Nova-3 over a WebSocket, and the same model over HTTP for a whole utterance. */
class DeepgramStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: DeepgramSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: DeepgramSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const { model } = this.#settings;
    const { buffer, byteOffset, byteLength } = audio.pcm;
    const body = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    const path = `/v1/listen?${this.#query(options, audio.sampleRateHz)}`;
    const init = { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } };
    const answer = await this.#request(path, init, signal);
    const { metadata, results } = parseWire(TITLE, prerecordedSchema, answer.body);
    const quantity = metadata.duration ?? audio.pcm.length / audio.sampleRateHz;
    const requestId = metadata.request_id ?? answer.headers.get('dg-request-id') ?? undefined;
    return {
      ...readChannel(results.channels[0]),
      language: options.language,
      model,
      ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      usage: [{ unit: 'second', quantity, of: 'audio_in', model }],
    };
  }

  /** `signal` holds for the stream's whole life: when it fires, the socket is dropped and the iteration throws `aborted`. */
  async open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const { model } = this.#settings;
    const sampleRateHz = options.sampleRateHz ?? CORE_SAMPLE_RATE_HZ;
    const query = this.#query(options, sampleRateHz);
    query.set('interim_results', 'true');
    query.set('endpointing', this.#settings.endpointingMs === 0 ? 'false' : String(this.#settings.endpointingMs));
    const stream = new DeepgramStream({
      sampleRateHz,
      model,
      clock: this.#ctx.clock,
      signals: [signal, this.#ctx.signal],
    });
    await stream.open(this.#ctx.connect, {
      url: `${this.#base().replace(/^http/, 'ws')}/v1/listen?${query}`,
      headers: this.#headers(),
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, this.#apiKey),
    });
    return stream;
  }

  /** The key's projects: no audio, no cost. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#request('/v1/projects', {}, signal);
  }

  #query(options: SttOptions, sampleRateHz: number): URLSearchParams {
    const query = new URLSearchParams({
      model: this.#settings.model,
      language: options.language,
      encoding: 'linear16',
      sample_rate: String(sampleRateHz),
      channels: '1',
      punctuate: 'true',
      smart_format: 'true',
    });
    if (options.diarize === true) query.set('diarize', 'true');
    if (!this.#settings.improveModel) query.set('mip_opt_out', 'true');
    if (takesKeyterms(this.#settings.model)) {
      for (const term of options.keyterms ?? []) query.append('keyterm', term);
    }
    return query;
  }

  #request(path: string, init: RequestInit, signal: AbortSignal) {
    return requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#base()}${path}`,
      init: { ...init, headers: { ...(init.headers as Record<string, string>), ...this.#headers() } },
      signal,
      refuse: (response, body) => refusal(response.status, response.headers, body, this.#apiKey),
    });
  }

  #base(): string {
    return this.#settings.baseUrl.replace(/\/+$/, '');
  }

  #headers(): Record<string, string> {
    return { authorization: `Token ${this.#apiKey}` };
  }
}

/** `stt/deepgram`. */
export const deepgramStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'deepgram',
  id: 'deepgram',
  title: 'Deepgram Nova',
  settings: settingsSchema,
  models: ['nova-3', 'nova-2'],
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      streaming: true,
      interim: true,
      words: true,
      diarization: true,
      ...(takesKeyterms(settings.model) ? { keyterms: { max: 100, maxChars: 100 } } : {}),
      languages: ['pt-BR', 'pt', 'en', 'es', 'fr', 'de', 'it', 'nl', 'ja'],
      sampleRates: [16_000, 48_000, 24_000, 8000],
      maxSeconds: 3600,
      region: settings.baseUrl.includes('//api.eu.') ? 'eu' : 'us',
      endpointing: settings.endpointingMs === 0 ? 'off' : 'vendor',
      finalize: 'ack',
      chunkMs: { min: 20, max: 250 },
      pushRate: 'fast',
      idle: 'keepalive',
      billing: 'audio',
      maxSessionMs: 3_300_000,
      maxConcurrent: settings.maxConcurrent,
    };
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): DeepgramStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new DeepgramStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

/** Key terms came with nova-3; older models refuse the parameter. */
function takesKeyterms(model: string): boolean {
  return model.startsWith('nova-3');
}
