import Type, { type Static, type TSchema } from 'typebox';
import { type LlmResult, ProviderError, parseWire, type ToolCall, type Usage } from '../../core/contracts/index.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const usageSchema = Type.Object({
  prompt_tokens: Type.Number(),
  completion_tokens: Type.Number(),
  total_tokens: nullable(Type.Number()),
  prompt_tokens_details: nullable(Type.Object({ cached_tokens: nullable(Type.Number()) })),
});

const toolCallSchema = Type.Object({
  id: Type.String(),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
});

/** `POST /chat/completions`, the fields Balto reads. */
const completionSchema = Type.Object({
  model: nullable(Type.String()),
  choices: Type.Array(
    Type.Object({
      finish_reason: nullable(Type.String()),
      message: Type.Object({
        content: nullable(Type.String()),
        refusal: nullable(Type.String()),
        tool_calls: nullable(Type.Array(toolCallSchema)),
      }),
    }),
    { minItems: 1 },
  ),
  usage: nullable(usageSchema),
});

/** One event of a streamed answer. The last one carries `usage` and no choice. */
export const chunkSchema = Type.Object({
  model: nullable(Type.String()),
  choices: Type.Array(
    Type.Object({
      finish_reason: nullable(Type.String()),
      delta: nullable(
        Type.Object({
          content: nullable(Type.String()),
          refusal: nullable(Type.String()),
          tool_calls: nullable(
            Type.Array(
              Type.Object({
                index: Type.Integer({ minimum: 0, maximum: 127 }),
                id: nullable(Type.String()),
                function: nullable(Type.Object({ name: nullable(Type.String()), arguments: nullable(Type.String()) })),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
  usage: nullable(usageSchema),
});

export type WireUsage = Static<typeof usageSchema>;
export type Chunk = Static<typeof chunkSchema>;

/** What an answer says, however it came. */
export interface Answered {
  text: string;
  refusal: string;
  toolCalls: ToolCall[];
  finishReason: string | undefined;
  model: string;
  usage: WireUsage | undefined;
  requestId: string | undefined;
}

/** A whole answer. Throws `protocol` when it is no chat completion. */
export function readCompletion(vendor: string, value: unknown, asked: { model: string; requestId?: string }): Answered {
  const { choices, model, usage } = parseWire(vendor, completionSchema, value);
  const message = choices[0]?.message;
  return {
    text: message?.content ?? '',
    refusal: message?.refusal ?? '',
    toolCalls: (message?.tool_calls ?? []).map(({ id, function: call }) => ({ id, ...call })),
    finishReason: choices[0]?.finish_reason ?? undefined,
    model: model ?? asked.model,
    usage: usage ?? undefined,
    requestId: asked.requestId,
  };
}

/** The contract's result. An answer with nothing in it is `output`: another candidate may do. */
export function toResult(vendor: string, answered: Answered): LlmResult {
  const finish = finishOf(answered);
  const toolCalls = answered.toolCalls.filter((call) => call !== undefined); // indices of a stream may leave holes
  if (finish === 'stop' && answered.text === '') {
    throw new ProviderError({ code: 'output', message: `${vendor} respondeu sem texto` });
  }
  return {
    text: answered.text,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
    finish,
    model: answered.model,
    ...(answered.requestId === undefined ? {} : { requestId: answered.requestId }),
    usage: answered.usage ? readUsage(answered.usage, answered.model) : [],
  };
}

function finishOf(answered: Answered): LlmResult['finish'] {
  if (answered.refusal !== '') return 'refusal';
  if (answered.finishReason === 'length') return 'length';
  if (answered.finishReason === 'content_filter') return 'filter';
  return answered.toolCalls.length > 0 ? 'tool' : 'stop';
}

/**
 * Tokens by price. Output includes what the model thought: one vendor counts that in `completion_tokens`, another only in
 * `total_tokens`, so the larger of the two readings is what is billed.
 */
function readUsage(usage: WireUsage, model: string): Usage[] {
  const cached = Math.min(usage.prompt_tokens_details?.cached_tokens ?? 0, usage.prompt_tokens);
  const output = Math.max(usage.completion_tokens, (usage.total_tokens ?? 0) - usage.prompt_tokens);
  const tokens: [Usage['of'], number][] = [
    ['text_in', usage.prompt_tokens - cached],
    ['text_in_cached', cached],
    ['text_out', output],
  ];
  return tokens
    .filter(([, quantity]) => quantity > 0)
    .map(([of, quantity]) => ({ unit: 'token', quantity, of, model }));
}
