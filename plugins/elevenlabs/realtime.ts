import {
  CORE_SAMPLE_RATE_HZ,
  type ProviderContext,
  ProviderError,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../core/contracts/index.ts';
import type { ElevenLabsClient } from './client.ts';
import { type ElevenLabsSettings, TITLE } from './config.ts';
import { refusal } from './errors.ts';
import { isKeyterm, REALTIME_TERMS } from './keyterms.ts';
import { ScribeStream } from './stream.ts';

/** Scribe live. It takes no file: a whole utterance is streamed by the core. */
export class RealtimeStt implements Stt {
  readonly #client: ElevenLabsClient;
  readonly #settings: ElevenLabsSettings;
  readonly #ctx: ProviderContext;

  constructor(client: ElevenLabsClient, settings: ElevenLabsSettings, ctx: ProviderContext) {
    this.#client = client;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(): Promise<Transcript> {
    throw new ProviderError({
      code: 'unsupported',
      message: `${TITLE}: ${this.#settings.model} só transcreve ao vivo`,
    });
  }

  /** `signal` holds for the stream's whole life: when it fires, the socket is dropped and the iteration throws `aborted`. */
  async open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const sampleRateHz = options.sampleRateHz ?? CORE_SAMPLE_RATE_HZ;
    const stream = new ScribeStream({
      model: this.#settings.model,
      sampleRateHz,
      clock: this.#ctx.clock,
      signals: [signal, this.#ctx.signal],
      ...(options.previousText === undefined ? {} : { previousText: options.previousText }),
    });
    await stream.open(this.#ctx.connect, {
      url: this.#client.socketUrl(`/v1/speech-to-text/realtime?${this.#query(options, sampleRateHz)}`),
      headers: this.#client.headers,
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, this.#client.apiKey),
    });
    return stream;
  }

  #query(options: SttOptions, sampleRateHz: number): URLSearchParams {
    const query = new URLSearchParams({
      model_id: this.#settings.model,
      audio_format: `pcm_${sampleRateHz}`,
      commit_strategy: 'manual',
      language_code: new Intl.Locale(options.language).language,
      include_timestamps: 'true',
    });
    if (!this.#settings.retainData) query.set('enable_logging', 'false');
    const terms = (options.keyterms ?? []).filter((term) => isKeyterm(term, REALTIME_TERMS));
    for (const term of terms.slice(0, REALTIME_TERMS.max)) query.append('keyterms', term);
    return query;
  }
}
