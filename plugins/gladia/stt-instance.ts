import {
  Afterwork,
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  pollJob,
  readJson,
  requestOk,
  type Stt,
  type SttOptions,
  type Transcript,
  wavFile,
} from '../../core/contracts/index.ts';
import { credentialSchema, type GladiaSettings, settingsSchema, TITLE } from './config.ts';
import { jobError, refusal } from './errors.ts';
import { KEYTERMS } from './stt.ts';
import { type JobResult, jobSchema, readWords, resultSchema, uploadSchema } from './wire.ts';

/** Solaria by file: upload, job, poll, all of it one attempt. */
class GladiaStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: GladiaSettings;
  readonly #ctx: ProviderContext;
  readonly #afterwork: Afterwork;

  constructor(apiKey: string, settings: GladiaSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
    this.#afterwork = new Afterwork(ctx);
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const { audio_url } = parseWire(TITLE, uploadSchema, await this.#upload(audio, signal));
    const init = {
      method: 'POST',
      body: this.#job(audio_url, options),
      headers: { 'content-type': 'application/json' },
    };
    const { id } = parseWire(TITLE, jobSchema, await this.#json('/v2/pre-recorded', init, signal));
    const polling = { vendor: TITLE, clock: this.#ctx.clock, signals: [signal, this.#ctx.signal] };
    const answer = await pollJob(polling, () => this.#finished(id, signal));
    const { model } = this.#settings;
    const { metadata } = answer.result ?? {};
    const quantity = metadata?.billing_time ?? metadata?.audio_duration ?? audio.pcm.length / audio.sampleRateHz;
    return {
      ...readTranscript(answer),
      model,
      requestId: answer.request_id ?? id,
      ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
      usage: [{ unit: 'second', quantity, of: 'audio_in', model }],
    };
  }

  /** A list of at most one failed job: such a one has no text. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#json('/v2/pre-recorded?limit=1&status=error', {}, signal);
  }

  close(): Promise<void> {
    return this.#afterwork.idle();
  }

  #upload(audio: Audio, signal: AbortSignal): Promise<unknown> {
    const form = new FormData();
    form.append('audio', new Blob([wavFile(audio)], { type: 'audio/wav' }), 'fala.wav');
    return this.#json('/v2/upload', { method: 'POST', body: form }, signal);
  }

  #job(audioUrl: string, options: SttOptions): string {
    const fitting = (options.keyterms ?? []).filter((term) => term.length <= KEYTERMS.maxChars);
    const keyterms = fitting.slice(0, KEYTERMS.max);
    return JSON.stringify({
      audio_url: audioUrl,
      model: this.#settings.model,
      language_config: { languages: [new Intl.Locale(options.language).language], code_switching: false },
      diarization: options.diarize === true,
      ...(keyterms.length > 0 ? { custom_vocabulary: true, custom_vocabulary_config: { vocabulary: keyterms } } : {}),
    });
  }

  /** The result once its job is over; undefined while it is not. */
  async #finished(id: string, signal: AbortSignal): Promise<JobResult | undefined> {
    const answer = parseWire(TITLE, resultSchema, await this.#json(pathOf(id), {}, signal));
    if (answer.status === 'error') throw jobError(answer.error_code, answer.request_id ?? id);
    if (answer.status !== 'done') return undefined;
    if (!answer.result?.transcription) {
      throw new ProviderError({ code: 'protocol', message: `resposta de ${TITLE} sem a transcrição` });
    }
    if (!this.#settings.retainData) this.#forget(id);
    return answer;
  }

  /** What was said at a counter is not left at a vendor; who reads it does not wait for that. */
  #forget(id: string): void {
    this.#afterwork.start('a transcript was not deleted at its vendor', async (signal) => {
      const response = await this.#request(pathOf(id), { method: 'DELETE' }, signal);
      await response.body?.cancel();
    });
  }

  async #json(path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> {
    return readJson(TITLE, await this.#request(path, init, signal), signal);
  }

  #request(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    return requestOk(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${this.#settings.baseUrl.replace(/\/+$/, '')}${path}`,
      init: { ...init, headers: { ...(init.headers as Record<string, string>), 'x-gladia-key': this.#apiKey } },
      signal,
      refuse: (response, body) => refusal(response, body, this.#apiKey),
    });
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): GladiaStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new GladiaStt(apiKey, parseConfig(settingsSchema, settings), ctx);
}

function readTranscript({ result }: JobResult): Omit<Transcript, 'model'> {
  const transcription = result?.transcription;
  const words = readWords(transcription);
  const scored = words.flatMap((word) => word.confidence ?? []);
  const language = transcription?.languages?.[0];
  return {
    text: (transcription?.full_transcript ?? '').trim(),
    words,
    ...(language ? { language } : {}),
    ...(scored.length > 0 ? { confidence: scored.reduce((sum, each) => sum + each, 0) / scored.length } : {}),
  };
}

function pathOf(id: string): string {
  return `/v2/pre-recorded/${encodeURIComponent(id)}`;
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
