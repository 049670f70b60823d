import { exampleOf, type JsonSchema, schemaFault } from './example-of.ts';
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

/** Anthropic: `POST /v1/messages` (also streamed), `GET /v1/models/{model}`. Its base URL is `url`. */
export function startAnthropic(options: AnthropicOptions = {}): Promise<Emulator> {
  return startEmulator(new MessagesWire(options), options);
}

/** The models of November 2026; whatever else is asked for does not exist. */
const MODELS =
  /^claude-(haiku-(4-5|5-5)|sonnet-(4-[56]|5|5-5)|opus-(4-[5678]|5|5-5)|fable-5(-[12])?|mythos-5(-[12])?)$/;

const REFUSALS: Record<RefusalKind, [number, string, string]> = {
  auth: [401, 'authentication_error', 'invalid x-api-key'],
  quota: [402, 'billing_error', 'Your credit balance is too low to access the API.'],
  rate_limited: [429, 'rate_limit_error', 'This request would exceed your organization’s rate limit.'],
  server_error: [529, 'overloaded_error', 'Overloaded'],
};

/** A request as it came. */
interface MessagesRequest {
  model: string;
  max_tokens?: number;
  messages: { role: string; content: string | WireBlock[] }[];
  system?: string;
  tools?: { name: string; input_schema: JsonSchema }[];
  output_config?: { effort?: string; format?: { type: string; schema?: JsonSchema } };
  thinking?: { type: string };
  temperature?: number;
  stream?: boolean;
}

type WireBlock =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown }
  | { type: 'tool_result'; tool_use_id: string; content?: string };

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

  #whole(body: MessagesRequest, content: WireBlock[], stopReason: string): Reply {
    return this.#json(200, { ...this.#message(body), content, stop_reason: stopReason, usage: usageOf(body, content) });
  }

  #streamed(body: MessagesRequest, content: WireBlock[], stopReason: string, fault: Fault | null): Reply {
    const { output_tokens, ...input } = usageOf(body, content);
    const message = { ...this.#message(body), content: [], stop_reason: null, usage: { ...input, output_tokens: 1 } };
    const events: object[] = [{ type: 'message_start', message }, { type: 'ping' }];
    for (const [index, block] of content.entries()) events.push(...eventsOf(index, block));
    if (fault?.kind === 'unknown_messages') events.splice(2, 0, { type: 'novelty', payload: 1 });
    if (fault?.kind === 'error_frame') {
      const error = { type: 'overloaded_error', message: 'Overloaded', details: null };
      return this.#events([...events.slice(0, 5), { type: 'error', error }]);
    }
    const delta = { stop_reason: stopReason, stop_sequence: null };
    events.push({ type: 'message_delta', delta, usage: { output_tokens } }, { type: 'message_stop' });
    const reply = this.#events(events);
    if (fault?.kind === 'malformed_frame')
      (reply.body as string[])[4] = 'event: content_block_delta\ndata: {"type":\n\n';
    return reply;
  }

  #message(body: MessagesRequest): object {
    return { id: `msg_${this.#count}`, type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  }

  #events(events: object[]): Reply {
    const body = events.map((event) => {
      const { type } = event as { type: string };
      return `event: ${type}\ndata: ${JSON.stringify(event)}\n\n`;
    });
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

function eventsOf(index: number, block: WireBlock): object[] {
  const start = (content_block: object) => ({ type: 'content_block_start', index, content_block });
  const delta = (given: object) => ({ type: 'content_block_delta', index, delta: given });
  const stop = { type: 'content_block_stop', index };
  if (block.type === 'text') {
    const pieces = block.text.match(/.{1,12}/gsu) ?? [];
    return [start({ type: 'text', text: '' }), ...pieces.map((text) => delta({ type: 'text_delta', text })), stop];
  }
  if (block.type === 'thinking') {
    return [start({ ...block, signature: '' }), delta({ type: 'signature_delta', signature: block.signature }), stop];
  }
  if (block.type !== 'tool_use') return [];
  const json = JSON.stringify(block.input);
  const halves = [json.slice(0, 5), json.slice(5)];
  const deltas = halves.map((partial_json) => delta({ type: 'input_json_delta', partial_json }));
  return [start({ ...block, input: {} }), delta({ type: 'input_json_delta', partial_json: '' }), ...deltas, stop];
}

function textOf(text: string): WireBlock {
  return { type: 'text', text };
}

function stopOf(content: WireBlock[], fault: Fault | null): string {
  if (fault?.kind === 'refusal') return 'refusal';
  if (fault?.kind === 'finish') return fault.finish === 'length' ? 'max_tokens' : 'refusal';
  return content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
}

/** What the real API would refuse; undefined when it would not. */
function refusedBecause(body: MessagesRequest): string | undefined {
  if (!Number.isInteger(body.max_tokens)) return 'max_tokens: Field required';
  if (body.temperature !== undefined) return '`temperature` is deprecated for this model.';
  if (body.messages.length === 0) return 'messages: at least one message is required';
  if (body.messages.at(-1)?.role !== 'user') return 'This model does not support assistant message prefill.';
  for (const [at, { content }] of body.messages.entries()) {
    const blocks = typeof content === 'string' ? [textOf(content)] : content;
    if (blocks.length === 0 || blocks.some((block) => block.type === 'text' && block.text === '')) {
      return `messages.${at}: text content blocks must be non-empty`;
    }
    if (blocks.some((block) => block.type === 'tool_use' && !/^[a-zA-Z0-9_-]+$/.test(block.id))) {
      return `messages.${at}.content: String should match pattern '^[a-zA-Z0-9_-]+$'`;
    }
  }
  return thinkingFault(body) ?? (body.output_config?.format ? formatFault(body.output_config.format) : undefined);
}

function thinkingFault({ model, thinking }: MessagesRequest): string | undefined {
  const always = /^claude-(opus-5-5|fable|mythos)/.test(model);
  if (thinking?.type === 'disabled' && (always || model === 'claude-sonnet-5-5')) {
    return 'thinking.type: disabled is not supported for this model';
  }
  if (thinking?.type === 'between_tools' && model !== 'claude-sonnet-5-5') return 'thinking.type: unexpected value';
  return thinking?.type === 'adaptive' && /-4-5$/.test(model) ? 'adaptive thinking is not supported' : undefined;
}

/** The grammar knows no bounds on numbers, strings and lists. */
function formatFault(format: { type: string; schema?: JsonSchema }): string | undefined {
  if (format.type !== 'json_schema' || !format.schema) return 'output_config.format: json_schema expected';
  const bound = /"(minimum|maximum|minLength|maxLength|multipleOf|maxItems)":/.exec(JSON.stringify(format.schema));
  return bound ? `output_config.format.schema: '${bound[1]}' is not supported` : schemaFault(format.schema);
}

function thinks({ model, thinking }: MessagesRequest): boolean {
  const always = /^claude-(opus-5-5|fable|mythos)/.test(model);
  return always || (thinking?.type === 'adaptive' ? true : thinking === undefined && !/-4-/.test(model));
}

/** About four characters a token; a quarter of a long prompt comes from the cache, another is written into it. */
function usageOf(body: MessagesRequest, content: WireBlock[]) {
  const prompt = Math.ceil(JSON.stringify([body.system ?? '', body.messages]).length / 4);
  const part = prompt > 1024 ? Math.floor(prompt / 4) : 0;
  return {
    input_tokens: prompt - 2 * part,
    cache_creation_input_tokens: part,
    cache_read_input_tokens: part,
    output_tokens: Math.ceil(JSON.stringify(content).length / 4),
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

function modelOf(id: string): object {
  return { type: 'model', id, display_name: id, created_at: '2026-10-07T00:00:00Z' };
}
