import { exampleOf, type JsonSchema, schemaFault } from './example-of.ts';
import type { Fault } from './faults.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

/** A chat request as it came. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: string | null }[];
  response_format?: { type: string; json_schema?: { name: string; strict?: boolean; schema?: JsonSchema } };
  tools?: unknown[];
  temperature?: number;
  reasoning_effort?: string;
  max_tokens?: number;
  max_completion_tokens?: number;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
}

/** What the model says: text, an object that becomes JSON text, or tool calls. */
export type ChatAnswer = string | object | { toolCalls: { name: string; arguments: string }[] };

export interface OpenAiOptions extends EmulatorOptions {
  /** The model. Default: the smallest answer the requested schema allows, or the last message again. */
  respond?(request: ChatRequest): ChatAnswer | Promise<ChatAnswer>;
  /** Whose errors: `{"error":{…}}`, or `{"code","error":"sentence"}` with 400 for a wrong key. */
  dialect?: 'openai' | 'xai';
}

/** OpenAI: `POST /v1/chat/completions` (also streamed), `GET /v1/models`. Its base URL is `url` + `/v1`. */
export function startOpenAi(options: OpenAiOptions = {}): Promise<Emulator> {
  return startEmulator(new ChatWire(options), options);
}

/** xAI: the same chat API with its own errors. */
export function startXai(options: Omit<OpenAiOptions, 'dialect'> = {}): Promise<Emulator> {
  return startOpenAi({ ...options, dialect: 'xai' });
}

const REFUSALS = {
  auth: [401, 'invalid_api_key', 'Incorrect API key provided.'],
  quota: [429, 'insufficient_quota', 'You exceeded your current quota.'],
  rate_limited: [429, 'rate_limit_exceeded', 'Rate limit reached.'],
  server_error: [500, 'server_error', 'The server had an error.'],
} as const;

const XAI_REFUSALS = {
  auth: [400, 'Client specified an invalid argument', 'Incorrect API key provided.'],
  quota: [403, 'The caller does not have permission', 'Your team has no credits left.'],
  rate_limited: [429, 'Some resource has been exhausted', 'Too many requests.'],
  server_error: [500, 'Internal error', 'Something went wrong.'],
} as const;

class ChatWire implements VendorWire {
  readonly #options: OpenAiOptions;
  #count = 0;

  constructor(options: OpenAiOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return /^Bearer (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = (this.#options.dialect === 'xai' ? XAI_REFUSALS : REFUSALS)[kind];
    return this.#error(status, code, message);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    if (request.method === 'GET' && request.path === '/v1/models') {
      return this.#json(200, {
        object: 'list',
        data: [{ id: 'gpt-6-luna', object: 'model', created: 0, owned_by: 'x' }],
      });
    }
    if (request.method !== 'POST' || request.path !== '/v1/chat/completions') {
      return this.#error(404, 'not_found', 'Not found.');
    }
    const chat = parsed(request.body);
    const wrong = chat ? refusedBecause(chat) : 'body is not JSON';
    if (!chat || wrong) return this.#error(400, 'invalid_value', wrong ?? '');
    const message = await this.#message(chat, fault);
    const finish = fault?.kind === 'finish' ? fault.finish : message.tool_calls ? 'tool_calls' : 'stop';
    return chat.stream ? this.#streamed(chat, message, finish, fault) : this.#whole(chat, message, finish);
  }

  async #message(chat: ChatRequest, fault: Fault | null): Promise<WireMessage> {
    const base = { role: 'assistant' as const, content: null, refusal: null };
    if (fault?.kind === 'refusal') return { ...base, refusal: 'Não posso ajudar com isso.' };
    const answer = await (this.#options.respond ?? defaultAnswer)(chat);
    if (typeof answer === 'string') return { ...base, content: answer };
    if (!('toolCalls' in answer)) return { ...base, content: JSON.stringify(answer) };
    const calls = answer.toolCalls.map((call, index) => ({
      id: `call-${index}`,
      type: 'function' as const,
      function: call,
    }));
    return { ...base, tool_calls: calls };
  }

  #whole(chat: ChatRequest, message: WireMessage, finish: string): Reply {
    return this.#json(200, {
      id: `chatcmpl-${this.#count}`,
      object: 'chat.completion',
      created: 1_795_000_000,
      model: chat.model,
      choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
      usage: this.#usage(chat, message),
    });
  }

  #streamed(chat: ChatRequest, message: WireMessage, finish: string, fault: Fault | null): Reply {
    const base = { id: `chatcmpl-${++this.#count}`, object: 'chat.completion.chunk', created: 1, model: chat.model };
    const chunk = (delta: object, reason: string | null = null) => ({
      ...base,
      choices: [{ index: 0, delta, finish_reason: reason, logprobs: null }],
    });
    const text = (message.content ?? '').match(/.{1,12}/gsu) ?? [];
    const events: unknown[] = [chunk({ role: 'assistant', content: '' }), ...text.map((content) => chunk({ content }))];
    if (message.refusal) events.push(chunk({ refusal: message.refusal }));
    for (const [index, call] of (message.tool_calls ?? []).entries()) {
      const { name, arguments: given } = call.function;
      events.push(chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name, arguments: '' } }] }));
      events.push(chunk({ tool_calls: [{ index, function: { arguments: given } }] }));
    }
    if (fault?.kind === 'error_frame') {
      events.push({ error: { message: 'The server had an error.', type: 'server_error', code: null, param: null } });
      return this.#events(events);
    }
    events.push(chunk({}, finish));
    if (chat.stream_options?.include_usage) events.push({ ...base, choices: [], usage: this.#usage(chat, message) });
    return this.#events([...events, '[DONE]']);
  }

  #events(events: unknown[]): Reply {
    const body = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
    return { status: 200, headers: { 'content-type': 'text/event-stream', ...this.#id() }, body };
  }

  /**
   * About four characters a token, a quarter of a long prompt from the cache. xAI counts what the model thought in the
   * total only.
   */
  #usage(chat: ChatRequest, message: WireMessage): object {
    const prompt = Math.ceil(JSON.stringify(chat.messages).length / 4);
    const completion = Math.ceil(((message.content ?? '').length + 4) / 4);
    const thought = this.#options.dialect === 'xai' ? 50 : 0;
    return {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion + thought,
      prompt_tokens_details: { cached_tokens: prompt > 1024 ? Math.floor(prompt / 4) : 0 },
      completion_tokens_details: { reasoning_tokens: thought },
    };
  }

  #error(status: number, code: string, message: string): Reply {
    if (this.#options.dialect === 'xai') return this.#json(status, { code, error: message });
    return this.#json(status, { error: { message, type: 'invalid_request_error', param: null, code } });
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: this.#id(), body: JSON.stringify(body) };
  }

  #id(): Record<string, string> {
    return { 'x-request-id': `req-${++this.#count}` };
  }
}

interface WireMessage {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

function parsed(body: Buffer): ChatRequest | undefined {
  try {
    const chat = JSON.parse(body.toString('utf8')) as ChatRequest;
    return Array.isArray(chat.messages) && chat.messages.length > 0 ? chat : undefined;
  } catch {
    return undefined;
  }
}

/** What the real API would refuse; undefined when it would not. */
function refusedBecause(chat: ChatRequest): string | undefined {
  if (!/^(gpt-|o\d|grok-)/.test(chat.model ?? '')) return `The model \`${chat.model}\` does not exist.`;
  const reasons = /^(gpt-[5-9]|o\d)/.test(chat.model);
  if (reasons && chat.max_tokens !== undefined) return "Unsupported parameter: 'max_tokens'.";
  if (reasons && chat.temperature !== undefined && chat.reasoning_effort !== 'none') {
    return "Unsupported value: 'temperature'.";
  }
  const format = chat.response_format;
  if (format?.type !== 'json_schema' || !format.json_schema?.strict) return undefined;
  return schemaFault(format.json_schema.schema ?? {});
}

function defaultAnswer(chat: ChatRequest): ChatAnswer {
  const schema = chat.response_format?.json_schema?.schema;
  return schema ? (exampleOf(schema) as object) : (chat.messages.at(-1)?.content ?? '');
}
