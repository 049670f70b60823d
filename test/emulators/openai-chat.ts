import { exampleOf, type JsonSchema, schemaFault } from './example-of.ts';
import type { Fault } from './faults.ts';

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

export interface ChatModelOptions {
  /** The model. Default: the smallest answer the requested schema allows, or the last message again. */
  respond?(request: ChatRequest): ChatAnswer | Promise<ChatAnswer>;
  /** Tokens of thought, counted in the total only. */
  thoughtTokens: number;
}

/** The model behind `POST /chat/completions`: what it answers, whole or as the pieces of an event stream. */
export class ChatModel {
  readonly #options: ChatModelOptions;
  #count = 0;

  constructor(options: ChatModelOptions) {
    this.#options = options;
  }

  /** A completion as an object, or the texts of an event stream. */
  async answer(chat: ChatRequest, fault: Fault | null): Promise<unknown | string[]> {
    const message = await this.#message(chat, fault);
    const finish = fault?.kind === 'finish' ? fault.finish : message.tool_calls ? 'tool_calls' : 'stop';
    this.#count++;
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

  #whole(chat: ChatRequest, message: WireMessage, finish: string): unknown {
    return {
      id: `chatcmpl-${this.#count}`,
      object: 'chat.completion',
      created: 1_795_000_000,
      model: chat.model,
      choices: [{ index: 0, message, finish_reason: finish, logprobs: null }],
      usage: this.#usage(chat, message),
    };
  }

  #streamed(chat: ChatRequest, message: WireMessage, finish: string, fault: Fault | null): string[] {
    const base = { id: `chatcmpl-${this.#count}`, object: 'chat.completion.chunk', created: 1, model: chat.model };
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
    if (fault?.kind === 'malformed_frame') events.splice(2, 0, '{"choices":');
    if (fault?.kind === 'unknown_messages')
      events.splice(2, 0, { ...base, object: 'novelty', choices: [], novelty: 1 });
    events.push(chunk({}, finish));
    if (chat.stream_options?.include_usage) events.push({ ...base, choices: [], usage: this.#usage(chat, message) });
    return this.#events([...events, '[DONE]']);
  }

  #events(events: unknown[]): string[] {
    return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  }

  /**
   * About four characters a token, a quarter of a long prompt from the cache. What the model thought counts in the total
   * only.
   */
  #usage(chat: ChatRequest, message: WireMessage): object {
    const prompt = Math.ceil(JSON.stringify(chat.messages).length / 4);
    const completion = Math.ceil(((message.content ?? '').length + 4) / 4);
    const thought = this.#options.thoughtTokens;
    return {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion + thought,
      prompt_tokens_details: { cached_tokens: prompt > 1024 ? Math.floor(prompt / 4) : 0 },
      completion_tokens_details: { reasoning_tokens: thought },
    };
  }
}

interface WireMessage {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string } }[];
}

/** The request, or undefined where the body is none. */
export function parseChat(body: Buffer): ChatRequest | undefined {
  try {
    const chat = JSON.parse(body.toString('utf8')) as ChatRequest;
    return Array.isArray(chat.messages) && chat.messages.length > 0 ? chat : undefined;
  } catch {
    return undefined;
  }
}

/** What the real API would refuse in a request for a model it has; undefined when it would not. */
export function refusedBecause(chat: ChatRequest): string | undefined {
  const reasons = /^(gpt-[5-9]|o\d)/.test(chat.model);
  if (reasons && chat.max_tokens !== undefined) return "Unsupported parameter: 'max_tokens'.";
  if (reasons && chat.temperature !== undefined && chat.reasoning_effort !== 'none') {
    return "Unsupported value: 'temperature'.";
  }
  const format = chat.response_format;
  if (format?.type !== 'json_schema' || !format.json_schema?.strict) return undefined;
  return schemaFault(format.json_schema.schema ?? {});
}

/** The smallest answer the requested schema allows, or the last message again. */
export function defaultAnswer(chat: ChatRequest): ChatAnswer {
  const schema = chat.response_format?.json_schema?.schema;
  return schema ? (exampleOf(schema) as object) : (chat.messages.at(-1)?.content ?? '');
}
