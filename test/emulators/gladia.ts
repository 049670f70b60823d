import type { Fault } from './faults.ts';
import { Jobs } from './jobs.ts';
import type { Heard, Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';
import { readWav } from './wav.ts';

export interface GladiaOptions extends EmulatorOptions {
  listening: Listening;
  /** How often a job is asked for before it is done. Default 0: it is done at the first question. */
  pendingPolls?: number;
}

/** Gladia, pre-recorded v2: `/v2/upload`, `/v2/pre-recorded` and its jobs. */
export function startGladia(options: GladiaOptions): Promise<Emulator> {
  return startEmulator(new GladiaWire(options), options);
}

const REFUSALS = {
  auth: [401, 'gladia key not found'],
  quota: [403, 'You have reached the usage limit of your plan'],
  rate_limited: [429, 'Too many requests, please try again later'],
  server_error: [500, 'Internal server error'],
} as const;

interface JobParams {
  audio_url: string;
  model?: string;
  language_config: { languages: string[]; code_switching: boolean };
  diarization?: boolean;
  custom_vocabulary?: boolean;
  custom_vocabulary_config?: { vocabulary: string[] };
}

class GladiaWire implements VendorWire {
  readonly #options: GladiaOptions;
  readonly #jobs: Jobs<JobParams>;
  #count = 0;

  constructor(options: GladiaOptions) {
    this.#options = options;
    this.#jobs = new Jobs(options.pendingPolls);
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['x-gladia-key']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, message] = REFUSALS[kind];
    return this.#error(status, message);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    const { method, path } = request;
    if (method === 'POST' && path === '/v2/upload') return this.#upload(request);
    if (method === 'POST' && path === '/v2/pre-recorded') return this.#create(request);
    if (method === 'GET' && path === '/v2/pre-recorded') return json(200, { items: [] });
    const id = /^\/v2\/pre-recorded\/([^/]+)$/.exec(path)?.[1] ?? '';
    if (method === 'DELETE' && this.#jobs.delete(id)) return { status: 202, body: '' };
    if (method === 'GET') return this.#result(id, fault);
    return this.#error(404, 'Not found');
  }

  async #upload(request: SeenRequest): Promise<Reply> {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(request.body), { headers }).formData().catch(() => undefined);
    const file = form?.get('audio');
    if (!(file instanceof Blob)) return this.#error(400, 'audio file is missing');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const id = this.#jobs.addFile(bytes);
    const metadata = { id, filename: 'fala.wav', extension: 'wav', size: bytes.length, number_of_channels: 1 };
    return json(200, { audio_url: `https://api.emulado.test/file/${id}`, audio_metadata: metadata });
  }

  #create(request: SeenRequest): Reply {
    const params = JSON.parse(request.body.toString('utf8')) as JobParams;
    const problem = problemOf(params);
    if (problem) return this.#error(422, problem);
    const id = this.#jobs.create(params);
    return json(201, { id, result_url: `https://api.emulado.test/v2/pre-recorded/${id}` });
  }

  #result(id: string, fault: Fault | null): Reply {
    const asked = this.#jobs.ask(id);
    if (!asked) return this.#error(404, 'Job not found');
    const job = { id, request_id: `G-${id.slice(-8)}`, version: 2, kind: 'pre-recorded' };
    if (fault?.kind === 'error_frame') return json(200, { ...job, status: 'error', error_code: 500, result: null });
    if (fault?.kind === 'stall') return json(200, { ...job, status: 'processing', result: null });
    if (asked.state !== 'done') return json(200, { ...job, status: asked.state, result: null });
    const file = this.#jobs.file(asked.params.audio_url.split('/').at(-1) ?? '');
    const audio = file && readWav(file);
    if (!audio) return json(200, { ...job, status: 'error', error_code: 400, result: null });
    const heard = this.#options.listening.transcribe(audio.pcm, audio.sampleRateHz);
    const seconds = audio.pcm.length / audio.sampleRateHz;
    return json(200, { ...job, status: 'done', error_code: null, result: result(heard, seconds, asked.params) });
  }

  #error(status: number, message: string): Reply {
    const body = {
      timestamp: '2026-11-21T12:00:00.000Z',
      request_id: `G-${++this.#count}`,
      statusCode: status,
      message,
    };
    return json(status, body);
  }
}

function problemOf(params: JobParams): string | undefined {
  if (typeof params.audio_url !== 'string') return 'audio_url must be a URL';
  if (!['solaria-1', 'solaria-3'].includes(params.model ?? 'solaria-1')) return 'model must be a known model';
  if (!Array.isArray(params.language_config?.languages)) return 'language_config.languages must be an array';
  const vocabulary = params.custom_vocabulary_config?.vocabulary;
  return params.custom_vocabulary && !vocabulary?.length ? 'custom_vocabulary_config.vocabulary is empty' : undefined;
}

/** One utterance per piece heard; words with the space before them, times in seconds. */
function result(heard: Heard, seconds: number, params: JobParams): Record<string, unknown> {
  const words = heard.words.map(({ text, startMs, endMs, confidence }) => ({
    word: ` ${text}`,
    start: startMs / 1000,
    end: endMs / 1000,
    confidence,
  }));
  const [language] = params.language_config.languages;
  const utterance = {
    text: heard.text,
    language,
    start: words[0]?.start ?? 0,
    end: words.at(-1)?.end ?? 0,
    confidence: 0.95,
    channel: 0,
    ...(params.diarization ? { speaker: 0 } : {}),
    words,
  };
  return {
    metadata: {
      audio_duration: seconds,
      number_of_distinct_channels: 1,
      billing_time: seconds,
      transcription_time: 0.4,
    },
    transcription: {
      languages: words.length > 0 ? [language] : [],
      utterances: words.length > 0 ? [utterance] : [],
      full_transcript: heard.text,
    },
  };
}

function json(status: number, body: unknown): Reply {
  return { status, body: JSON.stringify(body) };
}
