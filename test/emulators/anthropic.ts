import type Anthropic from '@anthropic-ai/sdk';
import { blockOf, broken, eventsOf, type StreamEvent } from './anthropic-events.ts';
import { type MessagesRequest, refusedBecause, textOf, thinks, type WireBlock } from './anthropic-request.ts';
import { exampleOf } from './example-of.ts';
import type { Fault } from './faults.ts';
import type { ChatAnswer, ChatRequest } from './openai.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface AnthropicOptions extends EmulatorOptions {
  /** The model. Default: the smallest answer the requested schema allows, or the last message again. */
  respond?(request: ChatRequest): ChatAnswer | Promise<ChatAnswer>;
}

/**
 * Anthropic: `POST /v1/messages` (also streamed), `GET /v1/models/{model}`. Its base URL is `url`. What it answers has the
 * types of the official SDK: a wire that changes there does not compile here.
 */
export function startAnthropic(options: AnthropicOptions = {}): Promise<Emulator> {
  return startEmulator(new MessagesWire(options), options);
}

/** The models of November 2026; whatever else is asked for does not exist. */
const MODELS =
  /^claude-(haiku-(4-5|5-5)|sonnet-(4-[56]|5|5-5)|opus-(4-[5678]|5|5-5)|fable-5(-[12])?|mythos-5(-[12])?)$/;

/** Still known, no longer served. */
const RETIRED_LATELY = 'claude-sonnet-4-5';

const REFUSALS: Record<RefusalKind, [number, string, string]> = {
  auth: [401, 'authentication_error', 'invalid x-api-key'],
  quota: [402, 'billing_error', 'Your credit balance is too low to access the API.'],
  rate_limited: [429, 'rate_limit_error', 'This request would exceed your organization’s rate limit.'],
  server_error: [529, 'overloaded_error', 'Overloaded'],
};

class MessagesWire implements VendorWire {
  readonly #options: AnthropicOptions;
  #count = 0;

  constructor(options: AnthropicOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    const bearer = /^Bearer (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
    return bearer ?? headers['x-api-key']?.toString();
  }

  refusal(kind: RefusalKind): Reply {
    return this.#error(...REFUSALS[kind]);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    if (request.headers['anthropic-version'] === undefined) {
      return this.#error(400, 'invalid_request_error', 'anthropic-version: header is required');
    }
    const asked = /^\/v1\/models\/([^/]+)$/.exec(request.path)?.[1];
    if (request.method === 'GET' && asked) {
      return MODELS.test(asked) ? this.#json(200, modelOf(asked)) : this.#notFound(asked);
    }
    if (request.method !== 'POST' || request.path !== '/v1/messages') return this.#error(404, 'not_found_error', '');
    const body = JSON.parse(request.body.toString('utf8')) as MessagesRequest;
    if (!MODELS.test(body.model)) return this.#notFound(body.model);
    const wrong = refusedBecause(body);
    if (wrong) return this.#error(400, 'invalid_request_error', wrong);
    const content = await this.#content(body, fault);
    const stopReason = stopOf(content, fault);
    return body.stream ? this.#streamed(body, content, stopReason, fault) : this.#whole(body, content, stopReason);
  }

  async #content(body: MessagesRequest, fault: Fault | null): Promise<WireBlock[]> {
    if (fault?.kind === 'refusal') return [];
    const thoughts: WireBlock[] = thinks(body) ? [{ type: 'thinking', thinking: '', signature: 'EqQB' }] : [];
    const answer = await (this.#options.respond ?? defaultAnswer(body))(toChat(body));
    if (typeof answer === 'string') return [...thoughts, ...(answer === '' ? [] : [textOf(answer)])];
    if (!('toolCalls' in answer)) return [...thoughts, textOf(JSON.stringify(answer))];
    const calls = answer.toolCalls.map(
      (call, index): WireBlock => ({
        type: 'tool_use',
        id: `toolu_${index}`,
        name: call.name,
        input: JSON.parse(call.arguments),
      }),
    );
    return [...thoughts, ...calls];
  }

  #whole(body: MessagesRequest, content: WireBlock[], stopReason: Anthropic.StopReason): Reply {
    const usage = usageOf(body, content);
    const message = { ...this.#message(body), content: content.map(blockOf), stop_reason: stopReason, usage };
    return this.#json(200, message);
  }

  #streamed(body: MessagesRequest, content: WireBlock[], stopReason: Anthropic.StopReason, fault: Fault | null): Reply {
    const usage = usageOf(body, content);
    const events: Anthropic.RawMessageStreamEvent[] = [
      { type: 'message_start', message: { ...this.#message(body), usage: { ...usage, output_tokens: 1 } } },
      ...content.flatMap((block, index) => eventsOf(index, blockOf(block))),
      {
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null, stop_details: null, container: null },
        usage: { ...usage, input_tokens: null, cache_creation_input_tokens: null, cache_read_input_tokens: null },
      },
      { type: 'message_stop' },
    ];
    return this.#events(broken(events, fault));
  }

  #message(body: MessagesRequest): Anthropic.Message {
    return {
      id: `msg_${this.#count}`,
      type: 'message',
      role: 'assistant',
      model: body.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: usageOf(body, []),
    };
  }

  #events(events: (StreamEvent | string)[]): Reply {
    const body = events.map((event) =>
      typeof event === 'string' ? event : `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    );
    return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', ...this.#id() }, body };
  }

  #notFound(model: string): Reply {
    return this.#error(404, 'not_found_error', `model: ${model}`);
  }

  #error(status: number, type: string, message: string): Reply {
    const reply = this.#json(status, null);
    const body = { type: 'error', error: { type, message }, request_id: reply.headers?.['request-id'] };
    return { ...reply, body: JSON.stringify(body) };
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: this.#id(), body: JSON.stringify(body) };
  }

  #id(): Record<string, string> {
    return { 'request-id': `req_${++this.#count}` };
  }
}

function stopOf(content: WireBlock[], fault: Fault | null): Anthropic.StopReason {
  if (fault?.kind === 'refusal') return 'refusal';
  if (fault?.kind === 'finish') return fault.finish === 'length' ? 'max_tokens' : 'refusal';
  return content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
}

/** About four characters a token; a quarter of a long prompt comes from the cache, another is written into it. */
function usageOf(body: MessagesRequest, content: WireBlock[]): Anthropic.Usage {
  const prompt = Math.ceil(JSON.stringify([body.system ?? '', body.messages]).length / 4);
  const part = prompt > 1024 ? Math.floor(prompt / 4) : 0;
  return {
    input_tokens: prompt - 2 * part,
    cache_creation_input_tokens: part,
    cache_read_input_tokens: part,
    output_tokens: Math.ceil(JSON.stringify(content).length / 4),
    cache_creation: null,
    inference_geo: 'us',
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    speed: 'standard',
  };
}

/** The request as the emulated model is shown it, whoever the vendor. */
function toChat({ model, system, messages }: MessagesRequest): ChatRequest {
  const said = messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? content : content.map(plain).join(''),
  }));
  return { model, messages: system ? [{ role: 'system', content: system }, ...said] : said };
}

function plain(block: WireBlock): string {
  if (block.type === 'text') return block.text;
  return block.type === 'tool_result' ? (block.content ?? '') : '';
}

function defaultAnswer(body: MessagesRequest): (chat: ChatRequest) => ChatAnswer {
  const schema = body.output_config?.format?.schema;
  return (chat) => (schema ? (exampleOf(schema) as object) : (chat.messages.at(-1)?.content ?? ''));
}

function modelOf(id: string): Partial<Anthropic.ModelInfo> {
  const retired = id === RETIRED_LATELY;
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-10-07T00:00:00Z',
    lifecycle: retired ? 'retired' : 'active',
    retires_at: retired ? '2026-11-30T00:00:00Z' : null,
  };
}
