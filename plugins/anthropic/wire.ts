import Type, { type Static, type TSchema } from 'typebox';
import { type LlmResult, ProviderError, parseWire, type ToolCall, type Usage } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const usageSchema = Type.Object({
  input_tokens: nullable(Type.Number()),
  output_tokens: nullable(Type.Number()),
  cache_read_input_tokens: nullable(Type.Number()),
  cache_creation_input_tokens: nullable(Type.Number()),
});

/** A block of content; kinds Balto does not ask for pass unread. */
const blockSchema = Type.Object({
  type: Type.String(),
  text: Type.Optional(Type.String()),
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  input: Type.Optional(Type.Unknown()),
});

/** `POST /v1/messages`, the fields Balto reads. */
const messageSchema = Type.Object({
  model: nullable(Type.String()),
  content: Type.Array(blockSchema),
  stop_reason: Type.String(),
  usage: nullable(usageSchema),
});

/** One event of a streamed answer; `message_start` has the message, `message_delta` the end and its usage. */
const eventSchema = Type.Object({
  type: Type.String(),
  index: Type.Optional(Type.Integer({ minimum: 0, maximum: 1023 })),
  message: nullable(Type.Object({ model: nullable(Type.String()), usage: nullable(usageSchema) })),
  content_block: nullable(blockSchema),
  delta: nullable(
    Type.Object({
      text: nullable(Type.String()),
      partial_json: nullable(Type.String()),
      stop_reason: nullable(Type.String()),
    }),
  ),
  usage: nullable(usageSchema),
});

const modelSchema = Type.Object({ id: Type.String(), lifecycle: nullable(Type.String()) });

type WireUsage = Static<typeof usageSchema>;

/** What an answer says, however it came. */
export interface Answered {
  text: string;
  /** By block: indices of a stream may leave holes. */
  toolCalls: Map<number, ToolCall>;
  stopReason: string | undefined;
  model: string;
  usage: WireUsage;
  requestId: string | undefined;
}

export function nothingYet(model: string): Answered {
  return { text: '', toolCalls: new Map(), stopReason: undefined, model, usage: {}, requestId: undefined };
}

/** A whole answer. Throws `protocol` when it is no message. */
export function readMessage(value: unknown, asked: { model: string; requestId?: string }): Answered {
  const { content, model, stop_reason, usage } = parseWire(TITLE, messageSchema, value);
  const calls = content.flatMap((block, index): [number, ToolCall][] =>
    block.type === 'tool_use'
      ? [[index, { id: block.id ?? '', name: block.name ?? '', arguments: JSON.stringify(block.input ?? {}) }]]
      : [],
  );
  return {
    text: content.map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join(''),
    toolCalls: new Map(calls),
    stopReason: stop_reason,
    model: model ?? asked.model,
    usage: usage ?? {},
    requestId: asked.requestId,
  };
}

/** `GET /v1/models/{model}`: `active`, `deprecated` or `retired`, where the vendor says it. Throws `protocol` when it is no model. */
export function readLifecycle(value: unknown): string | undefined {
  return parseWire(TITLE, modelSchema, value).lifecycle ?? undefined;
}

/** Adds one event to what has been answered; returns its new text. Events of an unknown type are no error. */
export function collect(answered: Answered, value: unknown): string {
  const { index = 0, message, content_block: block, delta, usage } = parseWire(TITLE, eventSchema, value);
  answered.model = message?.model ?? answered.model;
  answered.usage = merged(merged(answered.usage, message?.usage), usage);
  answered.stopReason = delta?.stop_reason ?? answered.stopReason;
  if (block?.type === 'tool_use') {
    answered.toolCalls.set(index, { id: block.id ?? '', name: block.name ?? '', arguments: '' });
  }
  const call = answered.toolCalls.get(index);
  if (call) call.arguments += delta?.partial_json ?? '';
  const text = (block?.type === 'text' ? (block.text ?? '') : '') + (delta?.text ?? '');
  answered.text += text;
  return text;
}

/** Totals so far: a later event replaces what it names, and says null for what it does not. */
function merged(before: WireUsage, after: WireUsage | null | undefined): WireUsage {
  const named = Object.entries(after ?? {}).filter(([, quantity]) => quantity !== null);
  return { ...before, ...Object.fromEntries(named) };
}

/** The contract's result. An answer with nothing in it is `output`: another candidate may do. */
export function toResult(answered: Answered): LlmResult {
  const finish = finishOf(answered.stopReason);
  if (finish === 'stop' && answered.text === '') {
    throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem texto` });
  }
  const toolCalls = [...answered.toolCalls.values()].map((call) => ({ ...call, arguments: call.arguments || '{}' }));
  return {
    text: answered.text,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    finish,
    model: answered.model,
    ...(answered.requestId === undefined ? {} : { requestId: answered.requestId }),
    usage: readUsage(answered.usage, answered.model),
  };
}

function finishOf(reason: string | undefined): LlmResult['finish'] {
  switch (reason) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'tool_use':
      return 'tool';
    case 'refusal':
      return 'refusal';
    default:
      // max_tokens, model_context_window_exceeded, pause_turn, and whatever comes: not said to the end.
      return 'length';
  }
}

/** Tokens by price. What was written into the cache is input as well (at 1.25 times its price, which no unit tells). */
function readUsage(usage: WireUsage, model: string): Usage[] {
  const tokens: [Usage['of'], number][] = [
    ['text_in', (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)],
    ['text_in_cached', usage.cache_read_input_tokens ?? 0],
    ['text_out', usage.output_tokens ?? 0],
  ];
  return tokens
    .filter(([, quantity]) => quantity > 0)
    .map(([of, quantity]) => ({ unit: 'token', quantity, of, model }));
}
