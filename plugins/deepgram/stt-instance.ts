import {
  type Audio,
  CORE_SAMPLE_RATE_HZ,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../core/contracts/index.ts';
import { DeepgramClient } from './client.ts';
import { credentialSchema, type DeepgramSettings, settingsSchema, TITLE } from './config.ts';
import { FluxStream } from './flux-stream.ts';
import { fluxQuery, isFlux, liveQuery, novaQuery } from './query.ts';
import { DeepgramStream } from './stream.ts';
import { prerecordedSchema, readChannel } from './wire.ts';

/** Nova over a WebSocket or HTTP; Flux over a WebSocket of its own. */
class DeepgramStt implements Stt {
  readonly #client: DeepgramClient;
  readonly #settings: DeepgramSettings;
  readonly #ctx: ProviderContext;

  constructor(client: DeepgramClient, settings: DeepgramSettings, ctx: ProviderContext) {
    this.#client = client;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const { model } = this.#settings;
    // The core streams a whole utterance to a model that takes no file.
    if (isFlux(model))
      throw new ProviderError({ code: 'unsupported', message: `${TITLE}: ${model} só transcreve ao vivo` });
    const { buffer, byteOffset, byteLength } = audio.pcm;
    const body = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    const path = `/v1/listen?${novaQuery(this.#settings, options, audio.sampleRateHz)}`;
    const init = { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } };
    const answer = await this.#client.json(path, init, signal);
    const { metadata, results } = parseWire(TITLE, prerecordedSchema, answer.body);
    const quantity = metadata.duration ?? audio.pcm.length / audio.sampleRateHz;
    const requestId = metadata.request_id ?? answer.headers.get('dg-request-id') ?? undefined;
    return {
      ...readChannel(results.channels[0]),
      language: results.channels[0]?.detected_language ?? options.language,
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
    const init = { sampleRateHz, model, clock: this.#ctx.clock, signals: [signal, this.#ctx.signal] };
    const stream = isFlux(model) ? new FluxStream(init) : new DeepgramStream(init);
    const path = isFlux(model)
      ? `/v2/listen?${fluxQuery(this.#settings, options, sampleRateHz)}`
      : `/v1/listen?${liveQuery(this.#settings, options, sampleRateHz)}`;
    await stream.open(this.#ctx.connect, this.#client.socket(path, signal));
    return stream;
  }
}

function clientFor(credential: unknown, { baseUrl }: DeepgramSettings, ctx: ProviderContext): DeepgramClient {
  return new DeepgramClient(parseConfig(credentialSchema, credential).apiKey, baseUrl, ctx);
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext) {
  const settings = parseConfig(settingsSchema, given);
  return new DeepgramStt(clientFor(credential, settings, ctx), settings, ctx);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, given: unknown, ctx: ProviderContext): Promise<void> {
  const settings = parseConfig(settingsSchema, given);
  return clientFor(credential, settings, ctx).probe(ctx.signal);
}
