import {
  type Emulator,
  type Heard,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  type SttEmulatorOptions,
  startEmulator,
  type VendorWire,
} from 'balto/kit';

/** Acme on 127.0.0.1: `POST /v1/transcribe`, `GET /v1/models`. It hears what `options.listening` hears. */
export function startAcme(options: SttEmulatorOptions): Promise<Emulator> {
  return startEmulator(new AcmeWire(options), options);
}

const REFUSALS: Record<RefusalKind, [status: number, code: string, message: string]> = {
  auth: [401, 'invalid_api_key', 'The key is not valid.'],
  quota: [402, 'quota_exceeded', 'No credit is left.'],
  rate_limited: [429, 'rate_limited', 'Too many requests.'],
  server_error: [500, 'overloaded', 'Something went wrong.'],
};

const WAV_HEADER_BYTES = 44;

class AcmeWire implements VendorWire {
  readonly #options: SttEmulatorOptions;
  #count = 0;

  constructor(options: SttEmulatorOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['authorization']?.toString().replace(/^Bearer /, '');
  }

  refusal(kind: RefusalKind): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { error: { code, message } });
  }

  answer(request: SeenRequest): Reply {
    if (request.method === 'GET' && request.path === '/v1/models') return this.#json(200, { models: ['acme-1'] });
    if (request.method !== 'POST' || request.path !== '/v1/transcribe') return this.#refuse(404, 'not_found');
    const { body, query } = request;
    if (query.get('model') !== 'acme-1') return this.#refuse(400, 'unknown_model');
    if (body.toString('latin1', 0, 4) !== 'RIFF') return this.#refuse(400, 'not_a_wav_file');
    const pcm = new Int16Array(body.buffer.slice(body.byteOffset + WAV_HEADER_BYTES, body.byteOffset + body.length));
    const sampleRateHz = body.readUInt32LE(24);
    const heard = this.#options.listening.transcribe(pcm, sampleRateHz);
    return this.#json(200, transcription(heard, pcm.length / sampleRateHz, query));
  }

  #refuse(status: number, code: string): Reply {
    return this.#json(status, { error: { code, message: 'The request is wrong.' } });
  }

  #json(status: number, body: object): Reply {
    return { status, body: JSON.stringify({ request_id: `req-${++this.#count}`, ...body }) };
  }
}

function transcription({ text, words }: Heard, duration: number, query: URLSearchParams) {
  const speaker = query.get('diarize') === 'true' ? { speaker: 0 } : {};
  return {
    text,
    language: query.get('language'),
    confidence: 0.9,
    duration,
    words: words.map(({ text: word, startMs, endMs, confidence }) => ({
      word,
      start: startMs / 1000,
      end: endMs / 1000,
      confidence,
      ...speaker,
    })),
  };
}
