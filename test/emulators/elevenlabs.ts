import type { WebSocket } from 'ws';
import { refuseScribe, ScribeSession, scribeWords } from './elevenlabs-session.ts';
import type { Fault } from './faults.ts';
import type { Heard, Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';
import { toneOf } from './tone.ts';

export interface ElevenLabsOptions extends EmulatorOptions {
  listening: Listening;
  /** Without audio for so long a live session ends with `insufficient_audio_activity`. Default 20 s. */
  idleMs?: number;
}

/** ElevenLabs: Scribe by request and live, voices (`/v1/text-to-speech/{voice}/stream`), `GET /v1/models`. */
export function startElevenLabs(options: ElevenLabsOptions): Promise<Emulator> {
  return startEmulator(new ElevenLabsWire(options), options);
}

const SPEECH_MODELS = ['eleven_flash_v2_5', 'eleven_turbo_v2_5', 'eleven_multilingual_v2', 'eleven_v3'];
const SPEECH_FORMAT = /^(pcm|ulaw|alaw|mp3|opus)_(8000|16000|22050|24000|44100|48000)(_\d+)?$/;
const SPEECH_TYPES: Record<string, string> = { pcm: 'audio/pcm', mp3: 'audio/mpeg', opus: 'audio/opus' };

/** What a live session says where a request would be refused by its status. */
const IN_BAND: Record<RefusalKind, string> = {
  auth: 'auth_error',
  quota: 'quota_exceeded',
  rate_limited: 'rate_limited',
  server_error: 'resource_exhausted',
};

const REFUSALS = {
  auth: [401, 'invalid_api_key', 'Invalid API key'],
  quota: [401, 'quota_exceeded', 'This request exceeds your quota.'],
  rate_limited: [429, 'too_many_concurrent_requests', 'Too many concurrent requests.'],
  server_error: [500, 'internal_server_error', 'Something went wrong.'],
} as const;

class ElevenLabsWire implements VendorWire {
  readonly #options: ElevenLabsOptions;
  #count = 0;

  constructor(options: ElevenLabsOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['xi-api-key']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { detail: { status: code, message } });
  }

  stream(socket: WebSocket, request: SeenRequest, fault: Fault | null): void {
    const { listening, idleMs = 20_000, latencyMs = 0 } = this.#options;
    if (request.path !== '/v1/speech-to-text/realtime') return void socket.close(1008, 'not found');
    new ScribeSession(socket, request, { listening, idleMs, latencyMs, fault, sessionId: `el-${++this.#count}` });
  }

  refuseStream(socket: WebSocket, _request: SeenRequest, kind: RefusalKind): void {
    refuseScribe(socket, IN_BAND[kind]);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    if (request.method === 'GET' && request.path === '/v1/models') return this.#json(200, [{ model_id: 'scribe_v2' }]);
    const voice = /^\/v1\/text-to-speech\/([\w-]+)\/stream$/.exec(request.path)?.[1];
    if (request.method === 'POST' && voice) return this.#speak(request, voice, fault);
    if (request.method !== 'POST' || request.path !== '/v1/speech-to-text') {
      return this.#json(404, { detail: { status: 'not_found', message: 'Not Found' } });
    }
    const form = await readForm(request);
    const file = form?.get('file');
    const model = form?.get('model_id');
    if (!form || !(file instanceof Blob)) return this.#invalid('file', 'Field required');
    if (model !== 'scribe_v1' && model !== 'scribe_v2') return this.#invalid('model_id', 'unknown model');
    if (form.get('file_format') !== 'pcm_s16le_16') return this.#invalid('file_format', 'only raw PCM is emulated');
    const bytes = await file.arrayBuffer();
    if (bytes.byteLength < 3200) return this.#invalid('file', 'audio shorter than 100 ms');
    const pcm = new Int16Array(bytes, 0, bytes.byteLength >> 1);
    const heard = this.#options.listening.transcribe(pcm, 16_000);
    const diarize = form.get('diarize') === 'true';
    return this.#json(200, transcription(heard, pcm.length / 16_000, this.#count, diarize));
  }

  #speak(request: SeenRequest, voice: string, fault: Fault | null): Reply {
    const [, encoding = '', rate = ''] = SPEECH_FORMAT.exec(request.query.get('output_format') ?? '') ?? [];
    const { text, model_id: model, language_code: language } = jsonOf(request.body);
    if (encoding === '') return this.#invalid('output_format', 'unknown format');
    if (typeof text !== 'string' || text === '') return this.#invalid('text', 'Field required');
    if (voice === 'desconhecida') return this.#refuse(404, 'voice_not_found', 'A voice was not found.');
    if (typeof model !== 'string' || !SPEECH_MODELS.includes(model)) {
      return this.#refuse(400, 'model_not_found', 'A model was not found.');
    }
    if (language !== undefined && !/_v2_5$/.test(model)) {
      return this.#refuse(400, 'unsupported_language', `Model does not support the language code parameter.`);
    }
    const isPage = fault?.kind === 'malformed' || fault?.kind === 'wrong_shape';
    const headers = {
      'request-id': `el-${++this.#count}`,
      'character-cost': String(text.length),
      'content-type': isPage ? 'application/json' : (SPEECH_TYPES[encoding] ?? 'audio/basic'),
    };
    return { status: 200, headers, body: toneOf(text, encoding, Number(rate)) };
  }

  #refuse(status: number, code: string, message: string): Reply {
    return this.#json(status, { detail: { status: code, message } });
  }

  #invalid(field: string, message: string): Reply {
    return this.#json(422, { detail: [{ loc: ['body', field], msg: message, type: 'value_error' }] });
  }

  #json(status: number, body: unknown): Reply {
    const headers = { 'request-id': `el-${++this.#count}`, 'maximum-concurrent-requests': '10' };
    return { status, headers, body: JSON.stringify(body) };
  }
}

async function readForm(request: SeenRequest): Promise<FormData | undefined> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  try {
    return await new Response(new Uint8Array(request.body), { headers }).formData();
  } catch {
    return undefined;
  }
}

function transcription(heard: Heard, seconds: number, count: number, diarize: boolean): unknown {
  return {
    language_code: 'por',
    language_probability: 0.98,
    text: heard.text,
    words: scribeWords(heard, diarize),
    transcription_id: `tr-${count}`,
    audio_duration_secs: seconds,
  };
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
