import {
  isProviderError,
  type LlmEvent,
  type LlmRequest,
  type LlmResult,
  type ProviderContext,
  ProviderError,
} from '../../../core/contracts/index.ts';
import type { LlmSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type Defects, subjectOf } from '../zoo-remote/defects.ts';
import { acmeLlm, type FullLlm } from './reference.ts';

const animal = (trips: string, name: string, defects: Defects<'llm'>): Animal<LlmSubject> => ({
  name,
  trips,
  subject: subjectOf(acmeLlm, defects),
});

/** What is wrong with answers, whole or streamed, and with what is asked. */
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
  animal(
    'stream-tool-calls',
    'tells a call twice',
    told((events) => events.flatMap(doubled)),
  ),
];

/** What is wrong with streams. */
export const streamAnimals: readonly Animal<LlmSubject>[] = [
  animal(
    'stream-joins',
    'loses the second piece',
    told((events) => events.filter((_event, i) => i !== 1)),
  ),
  animal(
    'stream-result-text',
    'ends with no text',
    concluded(() => ({ text: '' })),
  ),
  animal(
    'stream-result-last',
    'has one more word',
    told((events) => [...events, { type: 'delta', text: '' }]),
  ),
  animal(
    'stream-result-shape',
    'ends with half a result',
    concluded(() => ({ usage: undefined as never })),
  ),
  animal('stream-in-pieces', 'comes in one piece', told(inOnePiece)),
  animal(
    'stream-usage',
    'counts nothing',
    concluded(() => ({ usage: [] })),
  ),
  animal(
    'stream-while-it-comes',
    'waits for the end',
    told((events) => events),
  ),
  animal('stream-cut', 'takes what came for the answer', streaming(shortened)),
  animal('stream-error-inside', 'takes an error for the end', streaming(shortened)),
  animal('stream-malformed-event', 'passes over what it cannot read', streaming(shortened)),
  animal('stream-unknown-event', 'fails on what it does not know', {
    ctx: (ctx) => ({ ...ctx, fetch: async (url, init) => strict(await ctx.fetch(url, init)) }),
  }),
  animal('stream-abort-inside', 'ends in silence when aborted', streaming(silent)),
  animal('stream-abort-inside-releases', 'leaves the request running', { ctx: deafInside }),
  animal('stream-left', 'reads on when nobody listens', streaming(readAhead)),
  animal('stream-byte-by-byte', 'takes each packet for an event', { ctx: packetwise }),
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

/** Another stream than the vendor's, told when it is over. */
function told(change: (events: LlmEvent[]) => LlmEvent[]): Defects<'llm'> {
  return streaming(async function* (right) {
    const events: LlmEvent[] = [];
    for await (const event of right) events.push(event);
    yield* change(events);
  });
}

function concluded(change: (right: LlmResult) => Partial<LlmResult>): Defects<'llm'> {
  return told((events) =>
    events.map((event) =>
      event.type === 'result' ? { ...event, result: { ...event.result, ...change(event.result) } } : event,
    ),
  );
}

type Streaming = (right: AsyncIterable<LlmEvent>, signal: AbortSignal) => AsyncIterable<LlmEvent>;

function streaming(change: Streaming): Defects<'llm'> {
  return {
    instance: (right) => ({
      stream: (request, signal) => change((right as FullLlm).stream(request, signal), signal),
    }),
  };
}

function doubled(event: LlmEvent): LlmEvent[] {
  return event.type === 'toolCall' ? [event, event] : [event];
}

function inOnePiece(events: LlmEvent[]): LlmEvent[] {
  const text = events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
  return [{ type: 'delta', text }, ...events.filter(({ type }) => type !== 'delta')];
}

/** Makes a result of what came before it failed. */
async function* shortened(right: AsyncIterable<LlmEvent>): AsyncGenerator<LlmEvent> {
  let text = '';
  try {
    for await (const event of right) {
      if (event.type === 'delta') text += event.text;
      yield event;
    }
  } catch {
    yield { type: 'result', result: { text, finish: 'stop', model: 'acme-2', usage: [] } };
  }
}

async function* silent(right: AsyncIterable<LlmEvent>, signal: AbortSignal): AsyncGenerator<LlmEvent> {
  try {
    yield* right;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Reads on after its reader has left. */
async function* readAhead(right: AsyncIterable<LlmEvent>): AsyncGenerator<LlmEvent> {
  const iterator = right[Symbol.asyncIterator]();
  let next = await iterator.next();
  while (!next.done) {
    yield next.value;
    next = await iterator.next();
  }
}

/** The abort reaches the request until its answer begins. */
function deafInside(ctx: ProviderContext): ProviderContext {
  return {
    ...ctx,
    async fetch(url, init) {
      const response = await ctx.fetch(url, { ...init, signal: null });
      const reader = response.body?.getReader();
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (init?.signal?.aborted) return controller.error(new DOMException('aborted', 'AbortError'));
          const piece = await reader?.read();
          if (piece?.value) controller.enqueue(piece.value);
          else controller.close();
        },
      });
      return new Response(body, response);
    },
  };
}

/** Makes an event that does not fit of each that it does not know. */
function strict(response: Response): Response {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        controller.enqueue(encoder.encode(decoder.decode(bytes).replace('"novelty":1', '"delta":1')));
      },
    }),
  );
  return new Response(body ?? null, response);
}

function packetwise(ctx: ProviderContext): ProviderContext {
  return {
    ...ctx,
    async fetch(url, init) {
      const response = await ctx.fetch(url, init);
      const end = new TextEncoder().encode('\n\n');
      const body = response.body?.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(bytes, controller) {
            controller.enqueue(bytes);
            if (bytes.length < 8) controller.enqueue(end);
          },
        }),
      );
      return new Response(body ?? null, response);
    },
  };
}
