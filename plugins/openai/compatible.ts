import type OpenAI from 'openai';
import {
  type Llm,
  type LlmEvent,
  type LlmMessage,
  type LlmRequest,
  type LlmResult,
  ProviderError,
  parseWire,
} from '../../core/contracts/index.ts';
import { type ClientGiven, createClient, type ReadError } from './client.ts';
import { modelNames } from './transcription.ts';
import { type Answered, type Chunk, chunkSchema, readCompletion, toResult } from './wire.ts';

type Body = OpenAI.Chat.ChatCompletionCreateParams;

/** What differs between vendors that speak this chat API. */
export interface ChatDialect {
  title: string;
  /** Parameters a request gets on top of the common ones; `temperature` only where the model takes it. */
  extra(request: LlmRequest): Partial<Body>;
  /** An error of the SDK as the one typed error. */
  error: ReadError;
  /** How an answer is held to a schema. Default: strictly, by the vendor. */
  structured?: 'strict' | 'json' | 'none';
  /** False where the vendor does not stream an answer that is held to a schema: then it comes in one piece. */
  streamsStructured?: boolean;
  /** What the limit of the answer is called. Default: `max_completion_tokens`; older servers know the other only. */
  limit?: 'max_completion_tokens' | 'max_tokens';
}

export interface ChatOptions extends ClientGiven {
  model: string;
  dialect: ChatDialect;
}

/** A chat model behind the `openai` SDK, with its retries, time-out, logging and environment reading switched off. */
export class CompatibleChat implements Llm {
  readonly #client: OpenAI;
  readonly #options: ChatOptions;

  static async create(options: ChatOptions): Promise<CompatibleChat> {
    return new CompatibleChat(await createClient(options), options);
  }

  private constructor(client: OpenAI, options: ChatOptions) {
    this.#client = client;
    this.#options = options;
  }

  async complete(request: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
    const { dialect, model } = this.#options;
    const { data, requestId } = await this.#attempt(signal, async () => {
      const body = { ...this.#body(request), stream: false as const };
      const answer = await this.#client.chat.completions.create(body, { signal }).withResponse();
      return { data: answer.data as unknown, requestId: answer.request_id ?? undefined };
    });
    const asked = { model, ...(requestId === undefined ? {} : { requestId }) };
    return toResult(dialect.title, readCompletion(dialect.title, data, asked));
  }

  async *stream(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    const { dialect, model } = this.#options;
    if (request.schema && dialect.streamsStructured === false) {
      yield* inOnePiece(await this.complete(request, signal));
      return;
    }
    const answered: Answered = {
      text: '',
      refusal: '',
      toolCalls: [],
      finishReason: undefined,
      model,
      usage: undefined,
      requestId: undefined,
    };
    try {
      const body = { ...this.#body(request), stream: true as const, stream_options: { include_usage: true } };
      const answer = await this.#client.chat.completions.create(body, { signal }).withResponse();
      answered.requestId = answer.request_id ?? undefined;
      for await (const event of answer.data) {
        const text = collect(answered, parseWire(dialect.title, chunkSchema, event));
        if (text !== '') yield { type: 'delta', text };
      }
    } catch (error) {
      throw this.#error(error, signal);
    }
    // The SDK ends the iteration in silence when it was aborted.
    if (signal.aborted) throw this.#error(undefined, signal);
    if (answered.finishReason === undefined) {
      throw new ProviderError({ code: 'connection', message: `resposta de ${dialect.title} interrompida` });
    }
    const result = toResult(dialect.title, answered);
    for (const toolCall of result.toolCalls ?? []) yield { type: 'toolCall', toolCall };
    yield { type: 'result', result };
  }

  /** The list of models, as names: no tokens, no cost. */
  async models(signal: AbortSignal): Promise<string[]> {
    return modelNames(await this.#attempt(signal, () => this.#client.models.list({ signal })));
  }

  async #attempt<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#error(error, signal);
    }
  }

  #error(error: unknown, signal: AbortSignal): ProviderError {
    return this.#options.dialect.error(error, signal, this.#options.apiKey ?? '');
  }

  /** Proves the key by the list of models. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.models(signal);
  }

  #body(request: LlmRequest): Body {
    const { model, dialect } = this.#options;
    const { tools, maxTokens } = request;
    const limit = dialect.limit ?? 'max_completion_tokens';
    return {
      model,
      messages: request.messages.map(toWire),
      ...formatOf(request, dialect.structured ?? 'strict'),
      ...(tools ? { tools: tools.map((tool) => ({ type: 'function' as const, function: tool })) } : {}),
      ...(maxTokens === undefined ? {} : { [limit]: maxTokens }),
      ...dialect.extra(request),
    };
  }
}

function* inOnePiece(result: LlmResult): Generator<LlmEvent> {
  if (result.text !== '') yield { type: 'delta', text: result.text };
  for (const toolCall of result.toolCalls ?? []) yield { type: 'toolCall', toolCall };
  yield { type: 'result', result };
}

function formatOf({ schema }: LlmRequest, structured: 'strict' | 'json' | 'none'): Partial<Body> {
  if (!schema || structured === 'none') return {};
  if (structured === 'json') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } };
}

function toWire(message: LlmMessage): OpenAI.Chat.ChatCompletionMessageParam {
  const { role, content, toolCallId, toolCalls } = message;
  if (role === 'tool') return { role, content, tool_call_id: toolCallId ?? '' };
  if (role !== 'assistant' || !toolCalls) return { role, content };
  const calls = toolCalls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: given },
  }));
  return { role, content, tool_calls: calls };
}

/** Adds one event to what has been answered; returns its new text. */
function collect(answered: Answered, chunk: Chunk): string {
  answered.model = chunk.model ?? answered.model;
  answered.usage = chunk.usage ?? answered.usage;
  const choice = chunk.choices[0];
  answered.finishReason = choice?.finish_reason ?? answered.finishReason;
  answered.refusal += choice?.delta?.refusal ?? '';
  for (const part of choice?.delta?.tool_calls ?? []) {
    const call = answered.toolCalls[part.index] ?? { id: '', name: '', arguments: '' };
    answered.toolCalls[part.index] = {
      id: part.id ?? call.id,
      name: part.function?.name ?? call.name,
      arguments: call.arguments + (part.function?.arguments ?? ''),
    };
  }
  const text = choice?.delta?.content ?? '';
  answered.text += text;
  return text;
}
