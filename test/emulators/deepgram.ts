import type { WebSocket } from 'ws';
import { FluxSession } from './deepgram-flux-session.ts';
import { DeepgramSession, wireWords } from './deepgram-session.ts';
import type { Fault } from './faults.ts';
import type { Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';
import { toneOf } from './tone.ts';

export interface DeepgramOptions extends EmulatorOptions {
  listening: Listening;
  /** Without audio or KeepAlive for so long the stream is closed with 1011. Default 10 s. */
  idleMs?: number;
}

/** Deepgram: live and pre-recorded `/v1/listen`, Flux at `/v2/listen`, voices (`/v1/speak`), `GET /v1/projects`. Endpointing as the query asks. */
export function startDeepgram(options: DeepgramOptions): Promise<Emulator> {
  return startEmulator(new DeepgramWire(options), options);
}

const REFUSALS = {
  auth: [401, 'INVALID_AUTH', 'Invalid credentials.'],
  quota: [402, 'ASR_PAYMENT_REQUIRED', 'Project does not have enough credits.'],
  rate_limited: [429, 'TOO_MANY_REQUESTS', 'Too many requests.'],
  server_error: [500, 'INTERNAL_SERVER_ERROR', 'Internal server error.'],
} as const;

const SPEECH_RATES: Record<string, number[]> = {
  linear16: [24_000, 8000, 16_000, 32_000, 48_000],
  mulaw: [8000, 16_000],
  alaw: [8000, 16_000],
  mp3: [22_050],
  opus: [48_000],
};

class DeepgramWire implements VendorWire {
  readonly #options: DeepgramOptions;
  #count = 0;

  constructor(options: DeepgramOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return /^Token (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#error(status, code, message);
  }

  answer(request: SeenRequest, fault: Fault | null): Reply {
    if (request.method === 'GET' && request.path === '/v1/projects') {
      return this.#json(200, { projects: [{ project_id: 'p1', name: 'Emulado' }] });
    }
    if (request.method === 'POST' && request.path === '/v1/speak') return this.#speak(request, fault);
    if (request.method !== 'POST' || request.path !== '/v1/listen') {
      return this.#error(404, 'NOT_FOUND', 'Not found.');
    }
    const rate = Number(request.query.get('sample_rate'));
    if (request.query.get('encoding') !== 'linear16' || !(rate > 0) || request.body.length < 2) {
      return this.#error(400, 'Bad Request', 'Bad Request: failed to process audio: corrupt or unsupported data');
    }
    const pcm = new Int16Array(new Uint8Array(request.body).buffer, 0, request.body.length >> 1);
    return this.#json(200, this.#prerecorded(pcm, rate, request.query));
  }

  stream(socket: WebSocket, request: SeenRequest, fault: Fault | null): void {
    const { listening, idleMs = 10_000, latencyMs = 0 } = this.#options;
    const options = { listening, idleMs, latencyMs, fault, requestId: this.#nextId() };
    const isRaw = request.query.get('encoding') === 'linear16';
    if (isRaw && request.path === '/v1/listen') new DeepgramSession(socket, request, options);
    else if (isRaw && request.path === '/v2/listen') new FluxSession(socket, request, options);
    else socket.close(1008, 'DATA-0000');
  }

  #prerecorded(pcm: Int16Array, rate: number, query: URLSearchParams): unknown {
    const heard = this.#options.listening.transcribe(pcm, rate);
    const words = wireWords(heard, query);
    const confidence = words.length > 0 ? 0.97 : 0;
    return {
      metadata: {
        transaction_key: 'deprecated',
        request_id: this.#nextId(),
        sha256: '0'.repeat(64),
        created: '2026-11-21T12:00:00.000Z',
        duration: pcm.length / rate,
        channels: 1,
        models: ['emulado'],
        model_info: { emulado: { name: query.get('model') ?? 'nova-3', version: '2026-11-21.0', arch: 'nova-3' } },
      },
      results: { channels: [{ alternatives: [{ transcript: heard.text, confidence, words }] }] },
    };
  }

  #speak({ query, body }: SeenRequest, fault: Fault | null): Reply {
    const encoding = query.get('encoding') ?? 'mp3';
    const rates = SPEECH_RATES[encoding];
    const rate = Number(query.get('sample_rate') ?? rates?.[0]);
    const { text } = jsonOf(body);
    if (typeof text !== 'string' || text === '') return this.#error(400, 'EMPTY_TEXT', 'Text is empty.');
    if (!/^aura-/.test(query.get('model') ?? '')) return this.#error(400, 'INVALID_QUERY_PARAMETER', 'No such model.');
    if (!rates?.includes(rate) || ((encoding === 'mp3' || encoding === 'opus') && query.has('sample_rate'))) {
      return this.#error(400, 'INVALID_QUERY_PARAMETER', 'Unsupported audio format.');
    }
    const isPage = fault?.kind === 'malformed' || fault?.kind === 'wrong_shape';
    const headers = {
      'content-type': isPage ? 'application/json' : `audio/${encoding === 'mp3' ? 'mpeg' : encoding}`,
      'dg-request-id': this.#nextId(),
      'dg-model-name': query.get('model') ?? '',
      'dg-char-count': String([...text].length),
    };
    return { status: 200, headers, body: toneOf(text, encoding === 'linear16' ? 'pcm' : encoding, rate) };
  }

  #error(status: number, code: string, message: string): Reply {
    const body = { err_code: code, err_msg: message, request_id: this.#nextId() };
    return { status, headers: { 'dg-error': message }, body: JSON.stringify(body) };
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: { 'dg-request-id': this.#nextId() }, body: JSON.stringify(body) };
  }

  #nextId(): string {
    return `dg-${++this.#count}`;
  }
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
