import type { LlmEvent, LlmResult, ProviderContext } from '../../../core/contracts/index.ts';
import type { LlmSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import type { Defects } from '../zoo-remote/defects.ts';
import { animal } from './animals.ts';
import type { FullLlm } from './reference.ts';

/** What is wrong with streams. */
export const streamAnimals: readonly Animal<LlmSubject>[] = [
  animal(
    'stream-tool-calls',
    'tells a call twice',
    told((events) => events.flatMap(doubled)),
  ),
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
