import type { ProviderContext, TtsEvent, TtsRequest } from '../../../core/contracts/index.ts';
import { isProviderError } from '../../../core/contracts/index.ts';
import type { TtsSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type Defects, subjectOf } from '../zoo-remote/defects.ts';
import { acmeTts } from './reference.ts';

/** A subject whose choice of voice is proven. */
export const voiced = (subject: TtsSubject): TtsSubject => ({ ...subject, voice: 'acme-voz-2' });

const animal = (trips: string, name: string, defects: Defects<'tts'>): Animal<TtsSubject> => ({
  name,
  trips,
  subject: voiced(subjectOf(acmeTts, defects)),
});

const stated = acmeTts.capabilities;
const PCM = 'pcm_s16le';

/** What is wrong with voices. */
export const ttsAnimals: readonly Animal<TtsSubject>[] = [
  animal('capabilities-valid', 'takes no letter', { manifest: { capabilities: { ...stated, maxChars: 0 } } }),
  animal(
    'audio-comes',
    'has empty pieces',
    audio((pieces) => [new Uint8Array(0), ...pieces]),
  ),
  animal(
    'whole-samples',
    'cuts samples in two',
    audio((pieces) => pieces.flatMap((piece) => halves(piece))),
  ),
  animal('duration-plausible', 'says an eighth of it', audio(part(8))),
  animal(
    'longer-text-longer-audio',
    'says forty letters of any text',
    asked(({ text }) => ({ text: text.slice(0, 40) })),
  ),
  animal(
    'rates-honoured',
    'has one rate whatever is asked',
    asked(() => ({ sampleRateHz: 16_000 })),
  ),
  animal('rates-accepted', 'states a rate it does not take', stating({ sampleRates: [8000, 16_000, 48_000] })),
  animal('encodings-accepted', 'states an encoding it does not take', stating({ encodings: [PCM, 'mulaw', 'mp3'] })),
  animal(
    'rate-refused',
    'takes any rate',
    asked(({ sampleRateHz: hz }) => ({ sampleRateHz: hz > 12_000 ? 16_000 : hz })),
  ),
  animal(
    'encoding-refused',
    'gives PCM for what it has not',
    asked(({ encoding }) => ({ encoding: known(encoding) })),
  ),
  animal(
    'empty-text',
    'has something to say always',
    asked(({ text }) => ({ text: text.trim() || 'Oi.' })),
  ),
  animal(
    'too-long-text',
    'leaves the end out',
    asked(({ text }) => ({ text: text.slice(0, stated.maxChars) })),
  ),
  animal('longest-text', 'states more letters than it takes', stating({ maxChars: stated.maxChars + 1 })),
  animal('pieces-are-kept', 'has one buffer for all pieces', streaming(oneBuffer)),
  animal('marks-in-order', 'marks what is after the end', marked(3_600_000)),
  animal(
    'text-sent',
    'writes without accents',
    asked(({ text }) => ({ text: text.normalize('NFD').replace(/\p{M}/gu, '') })),
  ),
  animal(
    'language-sent',
    'speaks English',
    asked(() => ({ language: 'en-US' })),
  ),
  animal(
    'voice-sent',
    'has one voice',
    asked(() => ({ voice: '' })),
  ),
  animal(
    'usage-characters',
    'counts nothing',
    streaming(async function* (right) {
      for await (const event of right) if (event.type !== 'usage') yield event;
    }),
  ),
  animal('parallel-calls', 'says what was asked last', lastAsked()),
  animal('cut-is-an-error', 'takes what came for all of it', streaming(shortened)),
  animal(
    'while-it-comes',
    'waits for the end',
    audio((pieces) => pieces),
  ),
  animal('no-audio-is-an-error', 'says nothing and calls it speech', streaming(forgiving)),
  animal(
    'abort-inside',
    'ends in silence when aborted',
    streaming(async function* (right, signal) {
      try {
        yield* right;
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }),
  ),
  animal('abort-inside-releases', 'leaves the request running', { ctx: deafInside }),
  animal('left-inside', 'reads on when nobody listens', streaming(readAhead)),
];

type Streaming = (right: AsyncIterable<TtsEvent>, signal: AbortSignal) => AsyncIterable<TtsEvent>;

function streaming(change: Streaming): Defects<'tts'> {
  return {
    instance: ({ synthesize }) => ({ synthesize: (request, signal) => change(synthesize(request, signal), signal) }),
  };
}

/** Other pieces than the vendor's, told when all of them have come. */
function audio(change: (pieces: Uint8Array[]) => Uint8Array[]): Defects<'tts'> {
  return streaming(async function* (right) {
    const pieces: Uint8Array[] = [];
    const others: TtsEvent[] = [];
    for await (const event of right) {
      if (event.type === 'audio') pieces.push(event.bytes);
      else others.push(event);
    }
    for (const bytes of change(pieces)) yield { type: 'audio', bytes };
    yield* others;
  });
}

function asked(change: (request: TtsRequest) => Partial<TtsRequest>): Defects<'tts'> {
  return {
    instance: ({ synthesize }) => ({
      synthesize: (request, signal) => synthesize({ ...request, ...change(request) }, signal),
    }),
  };
}

function stating(capabilities: Partial<typeof stated>): Defects<'tts'> {
  return { manifest: { capabilities: { ...stated, ...capabilities } } };
}

function known(encoding: TtsRequest['encoding']): TtsRequest['encoding'] {
  return stated.encodings.includes(encoding) ? encoding : PCM;
}

function halves(piece: Uint8Array): Uint8Array[] {
  return [piece.subarray(0, 1), piece.subarray(1)];
}

function part(of: number): (pieces: Uint8Array[]) => Uint8Array[] {
  return (pieces) => {
    const whole = new Uint8Array(Buffer.concat(pieces));
    return [whole.subarray(0, Math.floor(whole.length / of / 2) * 2)];
  };
}

function marked(startMs: number): Defects<'tts'> {
  return streaming(async function* (right) {
    for await (const event of right) yield event.type === 'mark' ? { ...event, startMs } : event;
  });
}

/** Pieces of 64 bytes in the same memory. */
async function* oneBuffer(right: AsyncIterable<TtsEvent>): AsyncGenerator<TtsEvent> {
  const buffer = new Uint8Array(64);
  let turn = 0;
  for await (const event of right) {
    if (event.type !== 'audio') {
      yield event;
      continue;
    }
    for (let at = 0; at < event.bytes.length; at += 64) {
      buffer.fill(++turn % 256);
      yield { type: 'audio', bytes: buffer };
    }
  }
}

async function* shortened(right: AsyncIterable<TtsEvent>): AsyncGenerator<TtsEvent> {
  try {
    yield* right;
  } catch (error) {
    if (!isProviderError(error) || error.code !== 'connection') throw error;
  }
}

async function* forgiving(right: AsyncIterable<TtsEvent>): AsyncGenerator<TtsEvent> {
  try {
    yield* right;
  } catch (error) {
    if (!isProviderError(error) || error.code !== 'output') throw error;
  }
}

async function* readAhead(right: AsyncIterable<TtsEvent>): AsyncGenerator<TtsEvent> {
  const iterator = right[Symbol.asyncIterator]();
  let next = await iterator.next();
  while (!next.done) {
    yield next.value;
    next = await iterator.next();
  }
}

function lastAsked(): Defects<'tts'> {
  return {
    instance({ synthesize }) {
      let last: TtsRequest | undefined;
      return {
        async *synthesize(request, signal) {
          last = request;
          await new Promise(setImmediate);
          yield* synthesize(last, signal);
        },
      };
    },
  };
}

/** The abort reaches the reader, and not the request. */
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
