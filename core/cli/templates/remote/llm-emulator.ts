import {
  type Emulator,
  type Fault,
  type LlmEmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from 'balto/kit';

/** Acme on 127.0.0.1: `POST /v1/chat`, `GET /v1/models`. It says what `options.respond` says. */
export function startAcme(options: LlmEmulatorOptions): Promise<Emulator> {
  return startEmulator(new AcmeWire(options), options);
}

const REFUSALS: Record<RefusalKind, [status: number, code: string, message: string]> = {
  auth: [401, 'invalid_api_key', 'The key is not valid.'],
  quota: [402, 'quota_exceeded', 'No credit is left.'],
  rate_limited: [429, 'rate_limited', 'Too many requests.'],
  server_error: [500, 'overloaded', 'Something went wrong.'],
};

interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
  json_schema?: { schema: Schema };
}

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
}

class AcmeWire implements VendorWire {
  readonly #options: LlmEmulatorOptions;
  #count = 0;

  constructor(options: LlmEmulatorOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['authorization']?.toString().replace(/^Bearer /, '');
  }

  refusal(kind: RefusalKind): Reply {
    const [status, code, message] = REFUSALS[kind];
    return this.#json(status, { error: { code, message } });
  }

  answer(request: SeenRequest, fault: Fault | null): Reply {
    if (request.method === 'GET' && request.path === '/v1/models') return this.#json(200, { models: ['acme-1'] });
    if (request.method !== 'POST' || request.path !== '/v1/chat') return this.#refuse(404, 'not_found');
    const asked = JSON.parse(request.body.toString('utf8')) as ChatRequest;
    if (asked.model !== 'acme-1') return this.#refuse(400, 'unknown_model');
    const text = this.#say(asked);
    const usage = { input_tokens: tokens(request.body.toString('utf8')), output_tokens: tokens(text) };
    return this.#json(200, { model: asked.model, text, finish: finishOf(fault), usage });
  }

  #say({ messages, json_schema }: ChatRequest): string {
    const said = this.#options.respond?.();
    if (typeof said === 'string') return said;
    if (json_schema) return JSON.stringify(smallest(json_schema.schema));
    return messages.at(-1)?.content ?? '';
  }

  #refuse(status: number, code: string): Reply {
    return this.#json(status, { error: { code, message: 'The request is wrong.' } });
  }

  #json(status: number, body: object): Reply {
    return { status, body: JSON.stringify({ request_id: `req-${++this.#count}`, ...body }) };
  }
}

function finishOf(fault: Fault | null): string {
  if (fault?.kind === 'refusal') return 'refusal';
  if (fault?.kind !== 'finish') return 'stop';
  return fault.finish === 'length' ? 'length' : 'filter';
}

/** The smallest value that follows a schema. */
function smallest({ type, properties = {} }: Schema): unknown {
  if (type === 'object')
    return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, smallest(each)]));
  if (type === 'array') return [];
  if (type === 'string') return '';
  return type === 'boolean' ? false : 0;
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
