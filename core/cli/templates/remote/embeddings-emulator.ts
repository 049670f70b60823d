import { createHash } from 'node:crypto';
import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from 'balto/kit';

/** Acme on 127.0.0.1: `POST /v1/embeddings`, `GET /v1/models`. A text's vector is made of its hash. */
export function startAcme(options: EmulatorOptions): Promise<Emulator> {
  return startEmulator(new AcmeWire(), options);
}

const REFUSALS: Record<RefusalKind, [status: number, code: string, message: string]> = {
  auth: [401, 'invalid_api_key', 'The key is not valid.'],
  quota: [402, 'quota_exceeded', 'No credit is left.'],
  rate_limited: [429, 'rate_limited', 'Too many requests.'],
  server_error: [500, 'overloaded', 'Something went wrong.'],
};

const DIMENSIONS = 256;

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
    if (request.method !== 'POST' || request.path !== '/v1/embeddings') return this.#refuse(404, 'not_found');
    const { model, input } = JSON.parse(request.body.toString('utf8')) as { model: string; input: string[] };
    if (model !== 'acme-1') return this.#refuse(400, 'unknown_model');
    const usage = { input_tokens: Math.ceil(input.join(' ').length / 4) };
    return this.#json(200, { model, vectors: input.map(vectorOf), usage });
  }

  #refuse(status: number, code: string): Reply {
    return this.#json(status, { error: { code, message: 'The request is wrong.' } });
  }

  #json(status: number, body: object): Reply {
    return { status, body: JSON.stringify({ request_id: `req-${++this.#count}`, ...body }) };
  }
}

function vectorOf(text: string): number[] {
  const hash = createHash('shake256', { outputLength: DIMENSIONS }).update(text).digest();
  return [...hash].map((byte) => byte / 128 - 1);
}
