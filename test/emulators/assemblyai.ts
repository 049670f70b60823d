import type { WebSocket } from 'ws';
import type { Audio } from '../../core/contracts/index.ts';
import { AssemblyAiSession, type StreamEnd } from './assemblyai-session.ts';
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

export interface AssemblyAiOptions extends EmulatorOptions {
  listening: Listening;
  /** How often a job is asked for before it is done. Default 0: it is done at the first question. */
  pendingPolls?: number;
}

/** AssemblyAI: `/v2/upload`, `/v2/transcript` and its jobs, Universal-Streaming `/v3/ws`, all on one port. */
export function startAssemblyAi(options: AssemblyAiOptions): Promise<Emulator> {
  return startEmulator(new AssemblyAiWire(options), options);
}

const REFUSALS = {
  auth: [401, 'Authentication error, API token missing/invalid'],
  quota: [400, 'Your current account balance is negative. Please top up to continue using the API.'],
  rate_limited: [429, 'Too Many Requests'],
  server_error: [500, 'Internal Server Error'],
} as const;

/** The same refusals inside a stream: the vendor accepts it first. */
const STREAM_REFUSALS: Record<keyof typeof REFUSALS, StreamEnd> = {
  auth: { code: 1008, reason: 'Unauthorized Connection: Missing Authorization header' },
  quota: { code: 1008, reason: 'Unauthorized Connection: Insufficient account balance' },
  rate_limited: { code: 1008, reason: 'Unauthorized Connection: Too many concurrent sessions' },
  server_error: { code: 3005, reason: 'Session Cancelled: An error occurred' },
};

const MODELS = new Set(['universal-3-5-pro', 'universal-3-pro', 'universal-2']);

interface JobParams {
  audio_url: string;
  speech_models: string[];
  language_code: string;
  speaker_labels?: boolean;
  keyterms_prompt?: string[];
}

class AssemblyAiWire implements VendorWire {
  readonly #options: AssemblyAiOptions;
  readonly #jobs: Jobs<JobParams>;
  #sessions = 0;

  constructor(options: AssemblyAiOptions) {
    this.#options = options;
    this.#jobs = new Jobs(options.pendingPolls);
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['authorization']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, error] = REFUSALS[kind];
    return json(status, { error });
  }

  refuseStream(socket: WebSocket, _request: SeenRequest, kind: keyof typeof REFUSALS): void {
    const { code, reason } = STREAM_REFUSALS[kind];
    socket.send(JSON.stringify({ type: 'Error', error_code: code, error: reason }));
    socket.close(code, 'See Error message for details');
  }

  stream(socket: WebSocket, request: SeenRequest, fault: Fault | null): void {
    const { listening, latencyMs = 0 } = this.#options;
    new AssemblyAiSession(socket, request, { listening, latencyMs, fault, id: `aai-${++this.#sessions}` }).begin();
  }

  answer(request: SeenRequest, fault: Fault | null): Reply {
    const { method, path } = request;
    if (method === 'POST' && path === '/v2/upload') return this.#upload(request);
    if (method === 'POST' && path === '/v2/transcript') return this.#create(request);
    if (method === 'GET' && path === '/v2/transcript') return json(200, { page_details: {}, transcripts: [] });
    const id = /^\/v2\/transcript\/([^/]+)$/.exec(path)?.[1] ?? '';
    if (method === 'DELETE' && this.#jobs.delete(id)) return json(200, { id, status: 'deleted' });
    if (method === 'GET') return this.#result(id, fault);
    return json(404, { error: 'Not found' });
  }

  #upload(request: SeenRequest): Reply {
    if (request.headers['content-type'] !== 'application/octet-stream' || request.body.length === 0) {
      return json(422, { error: 'Upload failed, please try again.' });
    }
    return json(200, { upload_url: `https://cdn.emulado.test/upload/${this.#jobs.addFile(request.body)}` });
  }

  #create(request: SeenRequest): Reply {
    const params = JSON.parse(request.body.toString('utf8')) as JobParams;
    const problem = problemOf(params);
    if (problem) return json(400, { error: problem });
    return json(200, { id: this.#jobs.create(params), status: 'queued', audio_url: params.audio_url });
  }

  #result(id: string, fault: Fault | null): Reply {
    const asked = this.#jobs.ask(id);
    if (!asked) return json(400, { error: 'Transcript lookup error, transcript id not found' });
    if (fault?.kind === 'error_frame')
      return json(200, { id, status: 'error', error: 'Transcription failed, internal.' });
    if (fault?.kind === 'stall') return json(200, { id, status: 'processing', text: null, words: null });
    if (asked.state !== 'done') return json(200, { id, status: asked.state, text: null, words: null });
    const file = this.#jobs.file(asked.params.audio_url.split('/').at(-1) ?? '');
    const audio = file && readWav(file);
    if (!audio) return json(200, { id, status: 'error', error: 'File does not appear to contain audio.' });
    if (audio.pcm.length < audio.sampleRateHz * 0.16) {
      return json(200, { id, status: 'error', error: 'Audio duration is too short.' });
    }
    const heard = this.#options.listening.transcribe(audio.pcm, audio.sampleRateHz);
    return json(200, { id, status: 'completed', ...transcript(heard, audio, asked.params) });
  }
}

function problemOf(params: JobParams): string | undefined {
  if (typeof params.audio_url !== 'string') return 'audio_url is required';
  if (!Array.isArray(params.speech_models) || params.speech_models.length === 0) return 'speech_models is required';
  if (params.speech_models.some((model) => !MODELS.has(model))) return 'speech_models holds an unknown model';
  if (params.language_code !== 'pt' && params.language_code !== 'en') return 'language_code is not supported';
  const terms = params.keyterms_prompt ?? [];
  const isTooMuch = terms.length > 1000 || terms.some((term) => term.trim().split(/\s+/).length > 6);
  return isTooMuch ? 'keyterms_prompt exceeds its limits' : undefined;
}

function transcript(heard: Heard, { pcm, sampleRateHz }: Audio, params: JobParams): Record<string, unknown> {
  const speaker = params.speaker_labels ? 'A' : null;
  const words = heard.words.map(({ text, startMs, endMs, confidence }) => ({
    text,
    start: Math.round(startMs),
    end: Math.round(endMs),
    confidence,
    speaker,
  }));
  return {
    text: heard.text,
    language_code: params.language_code,
    audio_duration: Math.round(pcm.length / sampleRateHz),
    confidence: words.length > 0 ? 0.97 : null,
    words,
    utterances: params.speaker_labels ? [{ speaker: 'A', text: heard.text, words }] : null,
    speech_model_used: params.speech_models[0],
  };
}

function json(status: number, body: unknown): Reply {
  return { status, body: JSON.stringify(body) };
}
