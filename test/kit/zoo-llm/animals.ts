import { isProviderError, type LlmRequest, type LlmResult, ProviderError } from '../../../core/contracts/index.ts';
import type { LlmSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type Defects, subjectOf } from '../zoo-remote/defects.ts';
import { acmeLlm } from './reference.ts';

/** The reference with one defect. */
export const animal = (trips: string, name: string, defects: Defects<'llm'>): Animal<LlmSubject> => ({
  name,
  trips,
  subject: subjectOf(acmeLlm, defects),
});

/** What is wrong with whole answers, and with what is asked. */
export const llmAnimals: readonly Animal<LlmSubject>[] = [
  animal('capabilities-valid', 'has no context', { manifest: { capabilities: { ...stated(), contextTokens: 0 } } }),
  animal('capabilities-true', 'says it streams and does not', { instance: () => ({ stream: undefined as never }) }),
  animal(
    'answer-text',
    'trims what the model said',
    answered((result) => ({ text: result.text.slice(0, 20) })),
  ),
  animal(
    'result-shape',
    'adds a field of its own',
    answered(() => ({ extra: 1 }) as never),
  ),
  animal(
    'finish-stop',
    'says length always',
    answered(() => ({ finish: 'length' })),
  ),
  animal(
    'usage-reported',
    'counts nothing',
    answered(() => ({ usage: [] })),
  ),
  animal(
    'request-id',
    'gives the same id always',
    answered(() => ({ requestId: 'acme' })),
  ),
  animal(
    'model-reported',
    'makes up the model',
    answered(() => ({ model: 'melhor-modelo' })),
  ),
  animal(
    'messages-sent',
    'forgets what was said before',
    asked((r) => ({ messages: r.messages.slice(-1) })),
  ),
  animal(
    'max-tokens-sent',
    'has no limit',
    asked(() => ({ maxTokens: undefined as never })),
  ),
  animal(
    'temperature-as-stated',
    'is never warm',
    asked(() => ({ temperature: undefined as never })),
  ),
  animal('temperature-as-stated', 'is warm without saying it takes that', {
    manifest: { capabilities: { ...stated(), temperature: false } },
  }),
  animal(
    'temperature-not-invented',
    'is always warm',
    asked(() => ({ temperature: 0.7 })),
  ),
  animal('finish-length', 'takes a cut answer for a whole one', finishing('length', 'stop')),
  animal('finish-filter', 'takes a filtered answer for a whole one', finishing('filter', 'stop')),
  animal('finish-refusal', 'takes a refusal for an answer', finishing('refusal', 'stop')),
  animal('empty-is-an-error', 'answers nothing', {
    instance: ({ complete }) => ({ complete: (r, s) => complete(r, s).catch(emptyFor) }),
  }),
  animal('parallel-calls', 'asks about what was asked last', lastAsked()),
  animal(
    'large-answer',
    'stops at 64 KiB',
    answered(({ text }) => ({ text: text.slice(0, 65_536) })),
  ),
  animal(
    'schema-in-its-field',
    'keeps the schema for itself',
    asked(() => ({ schema: undefined as never })),
  ),
  animal('no-schema-unasked', 'remembers the last schema', remembering()),
  animal('invalid-json-is-text', 'judges the answer itself', answered(judged)),
  animal(
    'tools-sent',
    'offers no tools',
    asked(() => ({ tools: undefined as never })),
  ),
  animal(
    'tool-calls',
    'calls one tool at most',
    calling((calls) => calls.slice(0, 1)),
  ),
  animal(
    'tool-arguments-are-text',
    'parses the arguments',
    calling(([first, ...rest]) => [parsed(first), ...rest]),
  ),
  animal('finish-tool', 'says stop when a tool is to be called', finishing('tool', 'stop')),
  animal(
    'tool-result-sent',
    'keeps the result of a tool',
    asked((r) => ({ messages: r.messages.slice(0, -1) })),
  ),
];

function stated() {
  return acmeLlm.capabilities;
}

/** Another whole answer than the vendor's. */
function answered(change: (right: LlmResult) => Partial<LlmResult>): Defects<'llm'> {
  return {
    instance: ({ complete }) => ({
      async complete(request, signal) {
        const right = await complete(request, signal);
        return { ...right, ...change(right) };
      },
    }),
  };
}

function asked(change: (request: LlmRequest) => Partial<LlmRequest>): Defects<'llm'> {
  return {
    instance: ({ complete }) => ({
      complete: (request, signal) => complete({ ...request, ...change(request) }, signal),
    }),
  };
}

function finishing(from: LlmResult['finish'], to: LlmResult['finish']): Defects<'llm'> {
  return answered(({ finish }) => ({ finish: finish === from ? to : finish }));
}

function calling(change: (calls: NonNullable<LlmResult['toolCalls']>) => unknown[]): Defects<'llm'> {
  return answered(({ toolCalls }) => (toolCalls ? { toolCalls: change(toolCalls) as never } : {}));
}

function parsed(call: { arguments: string } | undefined): unknown {
  return { ...call, arguments: JSON.parse(call?.arguments ?? '{}') };
}

function emptyFor(error: unknown): LlmResult {
  if (!isProviderError(error) || error.code !== 'output') throw error;
  return { text: '', finish: 'stop', model: 'acme-2', usage: [] };
}

function judged({ text }: LlmResult): Partial<LlmResult> {
  if (text.startsWith('{') && !text.endsWith('}'))
    throw new ProviderError({ code: 'output', message: 'JSON inválido' });
  return {};
}

function lastAsked(): Defects<'llm'> {
  return {
    instance({ complete }) {
      let last: LlmRequest | undefined;
      return {
        async complete(request, signal) {
          last = request;
          await new Promise(setImmediate);
          return complete(last, signal);
        },
      };
    },
  };
}

function remembering(): Defects<'llm'> {
  return {
    instance({ complete }) {
      let schema: LlmRequest['schema'];
      return {
        complete(request, signal) {
          schema = request.schema ?? schema;
          return complete(schema ? { ...request, schema } : request, signal);
        },
      };
    },
  };
}
