import {
  Afterwork,
  type Audio,
  CORE_SAMPLE_RATE_HZ,
  type ProviderContext,
  parseConfig,
  parseWire,
  pollJob,
  requestJson,
  type Stt,
  type SttOptions,
  type SttStream,
  type Transcript,
  wavFile,
} from '../../core/contracts/index.ts';
import { type AssemblyAiSettings, credentialSchema, retired, settingsSchema, streamUrlOf, TITLE } from './config.ts';
import { jobError, refusal } from './errors.ts';
import { AssemblyAiStream } from './stream.ts';
import { KEYTERMS } from './stt.ts';
import { confidenceOf, type FinishedTranscript, jobSchema, readWords, transcriptSchema, uploadSchema } from './wire.ts';

/** By file, a phrase has at most so many words. */
const KEYTERM_MAX_WORDS = 6;

/** Universal by file (upload, job, poll: one attempt) and over a WebSocket. */
class AssemblyAiStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: AssemblyAiSettings;
  readonly #ctx: ProviderContext;
  readonly #afterwork: Afterwork;

  constructor(apiKey: string, settings: AssemblyAiSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
    this.#afterwork = new Afterwork(ctx);
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const upload = await this.#post('/v2/upload', 'application/octet-stream', wavFile(audio), signal);
    const { upload_url } = parseWire(TITLE, uploadSchema, upload);
    const job = await this.#post('/v2/transcript', 'application/json', this.#job(upload_url, options), signal);
    const { id } = parseWire(TITLE, jobSchema, job);
    const polling = { vendor: TITLE, clock: this.#ctx.clock, signals: [signal, this.#ctx.signal] };
    const answer = await pollJob(polling, () => this.#finished(id, signal));
    const model = answer.speech_model_used ?? this.#settings.model;
    return {
      ...readTranscript(answer),
      model,
      requestId: id,
      ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
      // The vendor tells the length in whole seconds; these are the ones it was given.
      usage: [{ unit: 'second', quantity: audio.pcm.length / audio.sampleRateHz, of: 'audio_in', model }],
    };
  }

  /** `signal` holds for the stream's whole life: when it fires, the socket is dropped and the iteration throws `aborted`. */
  async open(options: SttOptions, signal: AbortSignal): Promise<SttStream> {
    const sampleRateHz = options.sampleRateHz ?? CORE_SAMPLE_RATE_HZ;
    const stream = new AssemblyAiStream({
      sampleRateHz,
      model: this.#settings.streamModel,
      clock: this.#ctx.clock,
      signals: [signal, this.#ctx.signal],
    });
    await stream.open(this.#ctx.connect, {
      url: `${streamUrlOf(this.#settings.baseUrl)}/v3/ws?${this.#query(options, sampleRateHz)}`,
      headers: this.#headers(),
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, this.#apiKey),
    });
    return stream;
  }

  /** A list of at most one job, without its text. A model that is gone is found before the key is. */
  async probe(signal: AbortSignal): Promise<void> {
    const gone = retired(this.#settings);
    if (gone) throw gone;
    await this.#request('/v2/transcript?limit=1', {}, signal);
  }

  close(): Promise<void> {
    return this.#afterwork.idle();
  }

  /** The transcript once its job is over; undefined while it is not. */
  async #finished(id: string, signal: AbortSignal): Promise<FinishedTranscript | undefined> {
    const answer = parseWire(TITLE, transcriptSchema, await this.#request(pathOf(id), {}, signal));
    if (answer.status === 'error') throw jobError(answer.error, id);
    if (answer.status !== 'completed') return undefined;
    if (!this.#settings.retainData) this.#forget(id);
    return answer;
  }

  /** What was said at a counter is not left at a vendor; who reads it does not wait for that. */
  #forget(id: string): void {
    this.#afterwork.start('a transcript was not deleted at its vendor', async (signal) => {
      await this.#request(pathOf(id), { method: 'DELETE' }, signal);
    });
  }

  #job(audioUrl: string, options: SttOptions): string {
    const keyterms = keytermsOf(options).filter(isPhrase);
    return JSON.stringify({
      audio_url: audioUrl,
      speech_models: [this.#settings.model],
      language_code: languageOf(options),
      punctuate: true,
      format_text: true,
      ...(options.diarize === true ? { speaker_labels: true } : {}),
      ...(keyterms.length > 0 ? { keyterms_prompt: keyterms } : {}),
    });
  }

  #query(options: SttOptions, sampleRateHz: number): URLSearchParams {
    const query = new URLSearchParams({
      speech_model: this.#settings.streamModel,
      // Read by the Pro models; the multilingual one finds the language by itself and passes over it.
      language_codes: JSON.stringify([languageOf(options)]),
      encoding: 'pcm_s16le',
      sample_rate: String(sampleRateHz),
    });
    if (options.diarize === true) query.set('speaker_labels', 'true');
    const keyterms = keytermsOf(options);
    if (keyterms.length > 0) query.set('keyterms_prompt', JSON.stringify(keyterms));
    return query;
  }

  #post(path: string, type: string, body: string | Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<unknown> {
    return this.#request(path, { method: 'POST', body, headers: { 'content-type': type } }, signal);
  }

  async #request(path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> {
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#settings.baseUrl.replace(/\/+$/, '')}${path}`,
      init: { ...init, headers: { ...(init.headers as Record<string, string>), ...this.#headers() } },
      signal,
      refuse: (response, refused) => refusal(response.status, response.headers, refused, this.#apiKey),
    });
    return body;
  }

  #headers(): Record<string, string> {
    return { authorization: this.#apiKey };
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): AssemblyAiStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AssemblyAiStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

function readTranscript(answer: FinishedTranscript): Omit<Transcript, 'model'> {
  const text = (answer.text ?? '').trim();
  const words = readWords(answer.words);
  return {
    text,
    words,
    ...(answer.language_code ? { language: answer.language_code.replaceAll('_', '-') } : {}),
    ...(text === ''
      ? {}
      : typeof answer.confidence === 'number'
        ? { confidence: answer.confidence }
        : confidenceOf(words)),
  };
}

function pathOf(id: string): string {
  return `/v2/transcript/${encodeURIComponent(id)}`;
}

/** `pt-BR` as the vendor names it: the base language, which covers its accents. */
function languageOf({ language }: SttOptions): string {
  return new Intl.Locale(language).language;
}

/** One term too many, or too long, and the vendor refuses the request. */
function keytermsOf({ keyterms = [] }: SttOptions): string[] {
  return keyterms.filter((term) => term.length <= KEYTERMS.maxChars).slice(0, KEYTERMS.max);
}

function isPhrase(term: string): boolean {
  return term.trim().split(/\s+/).length <= KEYTERM_MAX_WORDS;
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
