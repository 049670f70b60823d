import Type, { type Static, type TSchema } from 'typebox';
import { type LlmResult, ProviderError, parseWire, type ToolCall, type Usage } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const usageSchema = Type.Object({
  promptTokenCount: nullable(Type.Number()),
  /** Part of the prompt. */
  cachedContentTokenCount: nullable(Type.Number()),
  toolUsePromptTokenCount: nullable(Type.Number()),
  candidatesTokenCount: nullable(Type.Number()),
  /** Beside the candidates, billed as output. */
  thoughtsTokenCount: nullable(Type.Number()),
});

const partSchema = Type.Object({
  text: nullable(Type.String()),
  /** A summary of what the model thought: no part of the answer. */
  thought: nullable(Type.Boolean()),
  thoughtSignature: nullable(Type.String()),
  functionCall: nullable(
    Type.Object({ id: nullable(Type.String()), name: Type.String(), args: nullable(Type.Object({})) }),
  ),
});

/** `GenerateContentResponse`, the fields Balto reads: a whole answer, or one event of a stream. */
const responseSchema = Type.Object({
  candidates: nullable(
    Type.Array(
      Type.Object({
        content: nullable(Type.Object({ parts: nullable(Type.Array(partSchema)) })),
        finishReason: nullable(Type.String({ pattern: '^[A-Z0-9_]{1,60}$' })),
      }),
    ),
  ),
  promptFeedback: nullable(Type.Object({ blockReason: nullable(Type.String({ pattern: '^[A-Z0-9_]{1,60}$' })) })),
  usageMetadata: nullable(usageSchema),
  modelVersion: nullable(Type.String()),
  responseId: nullable(Type.String()),
});

/** Parts of one answer that are read at most: far more than a counter's answer has. */
const MAX_CALLS = 128;

/** What an answer says, however it came. */
export interface Answered {
  text: string;
  toolCalls: ToolCall[];
  /** Of the calls that came with one, by id. */
  signatures: Map<string, string>;
  finishReason: string | undefined;
  /** Why the question was not put to the model at all. */
  blockReason: string | undefined;
  model: string;
  usage: Static<typeof usageSchema>;
  requestId: string | undefined;
}

export function nothingYet(model: string): Answered {
  return {
    text: '',
    toolCalls: [],
    signatures: new Map(),
    finishReason: undefined,
    blockReason: undefined,
    model,
    usage: {},
    requestId: undefined,
  };
}

/** Adds one response to what has been answered; returns its new text. Throws `protocol` when it is none. */
export function collect(answered: Answered, value: unknown, newId: () => string): string {
  const response = parseWire(TITLE, responseSchema, value);
  if (!response.candidates && !response.promptFeedback && !response.usageMetadata) {
    throw new ProviderError({ code: 'protocol', message: `resposta de ${TITLE} fora do formato esperado` });
  }
  const candidate = response.candidates?.[0];
  answered.finishReason = candidate?.finishReason ?? answered.finishReason;
  answered.blockReason = response.promptFeedback?.blockReason ?? answered.blockReason;
  answered.model = response.modelVersion ?? answered.model;
  answered.requestId = response.responseId ?? answered.requestId;
  answered.usage = { ...answered.usage, ...response.usageMetadata }; // totals so far
  let text = '';
  for (const part of candidate?.content?.parts ?? []) {
    if (part.functionCall && answered.toolCalls.length < MAX_CALLS) {
      const { id, name, args } = part.functionCall;
      const call = { id: id || newId(), name, arguments: JSON.stringify(args ?? {}) };
      answered.toolCalls.push(call);
      if (part.thoughtSignature) answered.signatures.set(call.id, part.thoughtSignature);
    } else if (part.thought !== true) {
      text += part.text ?? '';
    }
  }
  answered.text += text;
  return text;
}

/** Whether the answer came to its end; a stream that stops before was cut. */
export function isFinished(answered: Answered): boolean {
  return answered.finishReason !== undefined || answered.blockReason !== undefined;
}

/** The contract's result. An answer with nothing in it is `output`: another candidate may do. */
export function toResult(answered: Answered): LlmResult {
  const finish = finishOf(answered);
  if (finish === 'stop' && answered.text === '') {
    throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem texto` });
  }
  return {
    text: answered.text,
    ...(answered.toolCalls.length > 0 ? { toolCalls: answered.toolCalls } : {}),
    finish,
    model: answered.model,
    ...(answered.requestId === undefined ? {} : { requestId: answered.requestId }),
    usage: readUsage(answered),
  };
}

const FILTERED = /^(SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|IMAGE_\w+)$/;

function finishOf({ finishReason, blockReason, toolCalls }: Answered): LlmResult['finish'] {
  if (blockReason !== undefined) return 'refusal';
  if (finishReason === 'STOP') return toolCalls.length > 0 ? 'tool' : 'stop';
  if (finishReason === 'MAX_TOKENS') return 'length';
  if (finishReason && FILTERED.test(finishReason)) return 'filter';
  // MALFORMED_FUNCTION_CALL, LANGUAGE, OTHER and whatever comes: no answer anybody could use.
  const init = { code: 'output' as const, message: `${TITLE} parou sem uma resposta utilizável` };
  throw new ProviderError(finishReason === undefined ? init : { ...init, vendorCode: finishReason });
}

/** Tokens by price; what the model thought is output. */
function readUsage({ usage, model }: Answered): Usage[] {
  const prompt = (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0);
  const cached = Math.min(usage.cachedContentTokenCount ?? 0, prompt);
  const tokens: [Usage['of'], number][] = [
    ['text_in', prompt - cached],
    ['text_in_cached', cached],
    ['text_out', (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0)],
  ];
  return tokens
    .filter(([, quantity]) => quantity > 0)
    .map(([of, quantity]) => ({ unit: 'token', quantity, of, model }));
}
