import type { Fault } from './faults.ts';
import type { Heard, Listening } from './listening/index.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface ElevenLabsOptions extends EmulatorOptions {
  listening: Listening;
}

/** ElevenLabs Scribe, batch: `POST /v1/speech-to-text`, `GET /v1/models`. */
export function startElevenLabs(options: ElevenLabsOptions): Promise<Emulator> {
  return startEmulator(new ElevenLabsWire(options.listening), options);
}

const REFUSALS = {
  auth: [401, 'invalid_api_key', 'Invalid API key'],
  quota: [401, 'quota_exceeded', 'This request exceeds your quota.'],
  rate_limited: [429, 'too_many_concurrent_requests', 'Too many concurrent requests.'],
  server_error: [500, 'internal_server_error', 'Something went wrong.'],
} as const;

class ElevenLabsWire implements VendorWire {
  readonly #listening: Listening;
  #count = 0;

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['xi-api-key']?.toString();
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { detail: { status: code, message } });
  }

  async answer(request: SeenRequest, _fault: Fault | null): Promise<Reply> {
    if (request.method === 'GET' && request.path === '/v1/models') return this.#json(200, [{ model_id: 'scribe_v2' }]);
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
    return this.#json(200, transcription(this.#listening.transcribe(pcm, 16_000), pcm.length / 16_000, this.#count));
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

function transcription(heard: Heard, seconds: number, count: number): unknown {
  const words = heard.words.flatMap((word, index) => {
    const logprob = Math.log(Math.max(word.confidence, 0.001));
    const spoken = { text: word.text, start: word.startMs / 1000, end: word.endMs / 1000, type: 'word', logprob };
    const space = { text: ' ', start: spoken.start, end: spoken.start, type: 'spacing', logprob: 0 };
    return index === 0 ? [spoken] : [space, spoken];
  });
  return {
    language_code: 'por',
    language_probability: 0.98,
    text: heard.text,
    words,
    transcription_id: `tr-${count}`,
    audio_duration_secs: seconds,
  };
}
