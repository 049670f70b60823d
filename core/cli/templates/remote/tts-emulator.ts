import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from 'balto/kit';

/** Acme on 127.0.0.1: `POST /v1/speech`, `GET /v1/models`. Its voice is a tone, 60 ms a letter. */
export function startAcme(options: EmulatorOptions): Promise<Emulator> {
  return startEmulator(new AcmeWire(), options);
}

const REFUSALS: Record<RefusalKind, [status: number, code: string, message: string]> = {
  auth: [401, 'invalid_api_key', 'The key is not valid.'],
  quota: [402, 'quota_exceeded', 'No credit is left.'],
  rate_limited: [429, 'rate_limited', 'Too many requests.'],
  server_error: [500, 'overloaded', 'Something went wrong.'],
};

const LETTER_SECONDS = 0.06;

class AcmeWire implements VendorWire {
  #count = 0;

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['authorization']?.toString().replace(/^Bearer /, '');
  }

  refusal(kind: RefusalKind): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { error: { code, message } });
  }

  answer(request: SeenRequest): Reply {
    if (request.method === 'GET' && request.path === '/v1/models') return this.#json(200, { models: ['acme-1'] });
    if (request.method !== 'POST' || request.path !== '/v1/speech') return this.#refuse(404, 'not_found');
    const { model, text, sample_rate: rate } = JSON.parse(request.body.toString('utf8')) as Record<string, unknown>;
    if (model !== 'acme-1') return this.#refuse(400, 'unknown_model');
    if (typeof text !== 'string' || typeof rate !== 'number') return this.#refuse(400, 'invalid_body');
    return { status: 200, headers: { 'content-type': 'audio/pcm' }, body: tone(text.length * LETTER_SECONDS, rate) };
  }

  #refuse(status: number, code: string): Reply {
    return this.#json(status, { error: { code, message: 'The request is wrong.' } });
  }

  #json(status: number, body: object): Reply {
    return { status, body: JSON.stringify({ request_id: `req-${++this.#count}`, ...body }) };
  }
}

/** 16-bit samples as text: every byte is ASCII, because a reply is text. */
function tone(seconds: number, rateHz: number): string {
  const half = Math.round(rateHz / 800);
  const period = '\x00\x10'.repeat(half) + '\x00\x01'.repeat(half);
  return period.repeat(Math.ceil((seconds * rateHz) / (2 * half))).slice(0, Math.round(seconds * rateHz) * 2);
}
