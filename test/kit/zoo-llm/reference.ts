import Type, { type Static } from 'typebox';
import {
  type Llm,
  type LlmEvent,
  type LlmRequest,
  type LlmResult,
  ProviderError,
  parseWire,
  readBytes,
  readJson,
  type ToolCall,
  transportError,
} from '../../../core/contracts/index.ts';
import { Caller, TITLE } from '../zoo-remote/caller.ts';
import type { Reference } from '../zoo-remote/defects.ts';

const callSchema = Type.Object({ id: Type.String(), name: Type.String(), arguments: Type.String() });
const endSchema = Type.Object({
  id: Type.String(),
  model: Type.String(),
  finish: Type.Enum(['stop', 'length', 'refusal', 'filter', 'tool']),
  usage: Type.Object({ in: Type.Number(), out: Type.Number() }),
});
const answerSchema = Type.Object({ ...endSchema.properties, text: Type.String(), calls: Type.Array(callSchema) });
const eventSchema = Type.Object({
  delta: Type.Optional(Type.String()),
  call: Type.Optional(callSchema),
  end: Type.Optional(endSchema),
  error: Type.Optional(Type.Object({ code: Type.String() })),
});

export type FullLlm = Llm & Required<Pick<Llm, 'stream'>>;

/** A model behind Acme's wire. */
export const acmeLlm: Reference<'llm'> = {
  kind: 'llm',
  capabilities: {
    structured: 'strict',
    tools: true,
    streaming: true,
    temperature: true,
    contextTokens: 32_000,
    region: 'br',
  },
  create(credential, settings, ctx): FullLlm {
    const caller = new Caller(credential, settings, ctx);
    return {
      async complete(request, signal) {
        const response = await caller.ask('/chat', bodyOf(caller, request, false), signal);
        return resultOf(parseWire(TITLE, answerSchema, await readJson(TITLE, response, signal)));
      },
      stream: (request, signal) => streamed(caller, request, signal),
    };
  },
  probe: (credential, settings, ctx) => new Caller(credential, settings, ctx).probe(),
  failing(instance, error) {
    const { complete, stream } = instance as FullLlm;
    return {
      complete: (request, signal) => complete(request, signal).catch((reason) => Promise.reject(error(reason))),
      async *stream(request, signal) {
        try {
          yield* stream(request, signal);
        } catch (reason) {
          throw error(reason);
        }
      },
    };
  },
};

function bodyOf({ model }: Caller, request: LlmRequest, stream: boolean): object {
  const { messages, schema, tools, temperature, maxTokens } = request;
  return {
    model,
    messages,
    stream,
    ...(schema ? { schema } : {}),
    ...(tools ? { tools } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
}

async function* streamed(caller: Caller, request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
  const response = await caller.ask('/chat', bodyOf(caller, request, true), signal);
  const calls: ToolCall[] = [];
  let text = '';
  for await (const { delta, call, end, error } of eventsOf(response, signal)) {
    if (error) throw new ProviderError({ code: 'server', message: `${TITLE} parou`, vendorCode: error.code });
    if (delta !== undefined) {
      text += delta;
      yield { type: 'delta', text: delta };
    }
    if (call) {
      calls.push(call);
      yield { type: 'toolCall', toolCall: call };
    }
    if (end) return yield { type: 'result', result: resultOf({ ...end, text, calls }) };
  }
  throw new ProviderError({ code: 'connection', message: `resposta de ${TITLE} interrompida` });
}

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<Static<typeof eventSchema>> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of readBytes(TITLE, response, signal)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (signal.aborted) throw transportError(TITLE, undefined, signal);
      yield parseWire(TITLE, eventSchema, parsed(line.slice('data: '.length), signal));
    }
  }
}

function parsed(text: string, signal: AbortSignal): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw transportError(TITLE, error, signal);
  }
}

function resultOf({ id, model, finish, usage, text, calls }: Static<typeof answerSchema>): LlmResult {
  if (finish === 'stop' && text === '') throw new ProviderError({ code: 'output', message: `${TITLE}: sem texto` });
  return {
    text,
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
    finish,
    model,
    requestId: id,
    usage: [
      { unit: 'token', quantity: usage.in, of: 'text_in', model },
      { unit: 'token', quantity: usage.out, of: 'text_out', model },
    ],
  };
}
