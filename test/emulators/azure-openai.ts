import type { Fault } from './faults.ts';
import type { OpenAiOptions } from './openai.ts';
import { ChatModel, parseChat, refusedBecause } from './openai-chat.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface AzureOpenAiOptions extends EmulatorOptions {
  respond?: OpenAiOptions['respond'];
  /** Names of the deployments the resource has. Default: `gpt-5.4-mini`. */
  deployments?: string[];
}

/** Azure OpenAI: `POST /openai/v1/chat/completions` (also streamed), `GET /openai/v1/models`. Its endpoint is `url`. */
export function startAzureOpenAi(options: AzureOpenAiOptions = {}): Promise<Emulator> {
  return startEmulator(new AzureWire(options), options);
}

const REFUSALS: Record<RefusalKind, [number, string, string]> = {
  auth: [401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.'],
  quota: [429, 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'],
  rate_limited: [429, 'RateLimitReached', 'Your requests have exceeded the token rate limit of your pricing tier.'],
  server_error: [500, 'InternalServerError', 'The server had an error while processing your request.'],
};

/** What a deployment without a limit of its own answers beside every reply. */
const LIMITS = { 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-remaining-tokens': '-1' };

const SAFE = { filtered: false, severity: 'safe' };

class AzureWire implements VendorWire {
  readonly #model: ChatModel;
  readonly #deployments: string[];
  #count = 0;

  constructor(options: AzureOpenAiOptions) {
    this.#model = new ChatModel({ ...(options.respond ? { respond: options.respond } : {}), thoughtTokens: 0 });
    this.#deployments = options.deployments ?? ['gpt-5.4-mini'];
  }

  /** A key in `Authorization` is taken for a token, and refused. */
  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return headers['authorization'] === undefined ? headers['api-key']?.toString() : undefined;
  }

  refusal(kind: RefusalKind): Reply {
    return this.#error(...REFUSALS[kind]);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    if (request.method === 'GET' && request.path === '/openai/v1/models') {
      return this.#json(200, { object: 'list', data: [{ id: 'gpt-5.4-mini-2026-03-17', object: 'model' }] });
    }
    if (request.method !== 'POST' || request.path !== '/openai/v1/chat/completions') {
      return this.#error(404, '404', 'Resource not found');
    }
    const chat = parseChat(request.body);
    if (!chat) return this.#error(400, 'BadRequest', 'body is not JSON');
    if (!this.#deployments.includes(chat.model)) {
      return this.#error(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
    }
    const wrong = refusedBecause(chat);
    if (wrong) return this.#error(400, 'invalid_value', wrong);
    const answer = await this.#model.answer(chat, fault);
    const id = { 'x-request-id': `req-${++this.#count}` };
    if (!chat.stream) {
      const reply = this.#json(200, { ...(answer as object), prompt_filter_results: filterResults() });
      return { ...reply, headers: { ...reply.headers, ...id } };
    }
    const events = answer as string[];
    const first = { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: filterResults() };
    const body = [`data: ${JSON.stringify(first)}\n\n`, ...events];
    if (fault?.kind === 'malformed_frame') body[2] = 'data: {"choices":\n\n';
    return { status: 200, headers: { 'content-type': 'text/event-stream', ...this.#headers(), ...id }, body };
  }

  #error(status: number, code: string, message: string): Reply {
    return this.#json(status, { error: { code, message } });
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: this.#headers(), body: JSON.stringify(body) };
  }

  /** A refusal may come from the gateway, which has an id of its own only. */
  #headers(): Record<string, string> {
    return { ...LIMITS, 'apim-request-id': `apim-${++this.#count}` };
  }
}

function filterResults(): object[] {
  return [{ prompt_index: 0, content_filter_results: { hate: SAFE, sexual: SAFE, violence: SAFE, self_harm: SAFE } }];
}
