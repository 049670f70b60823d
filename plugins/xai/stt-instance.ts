import {
  type Audio,
  CORE_SAMPLE_RATE_HZ,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  requestJson,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
  wavFile,
} from '../../core/contracts/index.ts';
import { credentialSchema, STT_MODEL, sttSettingsSchema, TITLE, type XaiSttSettings } from './config.ts';
import { refusal } from './errors.ts';
import { XaiStream } from './stream.ts';
import { KEYTERMS, SAMPLE_RATES } from './stt.ts';
import { readWords, transcriptionSchema } from './wire.ts';

/** Grok's transcription: a file per utterance, or a WebSocket per utterance. */
class XaiStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: XaiSttSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: XaiSttSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const { body, headers } = await this.#request('/stt', { method: 'POST', body: form(audio, options) }, signal);
    const answer = parseWire(TITLE, transcriptionSchema, body);
    const requestId = headers.get('x-request-id') ?? undefined;
    const words = readWords(answer.words);
    const quantity = answer.duration ?? audio.pcm.length / audio.sampleRateHz;
    return {
      text: answer.text.trim(),
      words,
      language: canonical(answer.language) ?? options.language,
      model: STT_MODEL,
      ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      usage: [{ unit: 'second', quantity, of: 'audio_in', model: STT_MODEL }],
    };
  }

  /** `signal` holds for the stream's whole life: when it fires, the socket is dropped and the iteration throws `aborted`. */
  open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const sampleRateHz = options.sampleRateHz ?? CORE_SAMPLE_RATE_HZ;
    if (!SAMPLE_RATES.includes(sampleRateHz)) {
      const message = `${TITLE} não recebe áudio a ${sampleRateHz} Hz`;
      return Promise.reject(new ProviderError({ code: 'unsupported', blame: 'core', message }));
    }
    const query = new URLSearchParams({
      sample_rate: String(sampleRateHz),
      encoding: 'pcm',
      interim_results: 'true',
      // The longest there is: who cuts is the core.
      endpointing: '5000',
      language: languageOf(options),
    });
    if (options.diarize === true) query.set('diarize', 'true');
    for (const term of termsOf(options)) query.append('keyterm', term);
    return XaiStream.open(this.#ctx.connect, {
      url: `${this.#base().replace(/^http/, 'ws')}/stt?${query}`,
      apiKey: this.#apiKey,
      sampleRateHz,
      clock: this.#ctx.clock,
      signal,
      life: this.#ctx.signal,
    });
  }

  /** The list of models: no audio, no cost. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#request('/models', {}, signal);
  }

  #request(path: string, init: RequestInit, signal: AbortSignal) {
    return requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#base()}${path}`,
      init: { ...init, headers: { authorization: `Bearer ${this.#apiKey}` } },
      signal,
      refuse: (response, body) => refusal(response.status, response.headers, body, this.#apiKey),
    });
  }

  #base(): string {
    return this.#settings.baseUrl.replace(/\/+$/, '');
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): XaiStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new XaiStt(apiKey, parseConfig(sttSettingsSchema, settings), ctx);
}

/** The vendor reads the fields as they come: the file has to be the last. */
function form(audio: Audio, options: SttOptions): FormData {
  const parts = new FormData();
  parts.append('format', 'true');
  parts.append('language', languageOf(options));
  if (options.diarize === true) parts.append('diarize', 'true');
  for (const term of termsOf(options)) parts.append('keyterm', term);
  parts.append('file', new Blob([wavFile(audio)], { type: 'audio/wav' }), 'audio.wav');
  return parts;
}

function termsOf({ keyterms = [] }: SttOptions): string[] {
  return keyterms.filter((term) => term.length <= KEYTERMS.maxChars).slice(0, KEYTERMS.max);
}

function languageOf({ language }: SttOptions): string {
  return new Intl.Locale(language).language;
}

function canonical(language: string | null | undefined): string | undefined {
  try {
    return language ? Intl.getCanonicalLocales(language)[0] : undefined;
  } catch {
    return undefined; // no language tag: then the one that was asked for
  }
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
