import { type Connection, ProviderError, type SttEvent } from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { animal, asked, context, each, events, instance, stream } from './defects.ts';

const lost = () => new ProviderError({ code: 'connection', message: 'sem conexão' });

/** A clock whose timers never fire. */
const timeless = context((right) => ({ clock: { ...right.clock, after: () => () => undefined } }));

/** Wrong in a live stream that nothing happens to. */
export const streamAnimals: readonly Animal<SttSubject>[] = [
  animal(
    'stream-text',
    'hears something else',
    each((event) => (event.type === 'final' ? { ...event, text: 'outra coisa' } : event)),
  ),
  animal(
    'stream-shape',
    'writes times as text',
    each((event) => (event.type === 'final' ? { ...event, startMs: '0' as never } : event)),
  ),
  animal('stream-finalize', 'says done before the words', events(doneFirst)),
  animal('stream-finalize-silence', 'does not answer silence', events(onlyAfterWords)),
  animal('stream-finalize-again', 'hears only the first utterance', events(onlyFirst)),
  animal('stream-finalize-queued', 'answers two markers at the end', events(donesTogether)),
  animal(
    'stream-partials',
    'tells only finals',
    each((event) => (event.type === 'partial' ? null : event)),
  ),
  animal(
    'stream-reopen',
    'opens once',
    instance((right) => {
      let isUsed = false;
      return {
        async open(...given) {
          if (isUsed) throw lost();
          isUsed = true;
          return right.open(...given);
        },
      };
    }),
  ),
  animal(
    'stream-language',
    'streams English',
    asked((audio, options, signal) => [audio, { ...options, language: 'en' }, signal]),
  ),
  animal(
    'stream-usage',
    'bills nothing',
    each((event) => (event.type === 'usage' ? null : event)),
  ),
  animal(
    'stream-borrows',
    'sends what it was lent later',
    stream((right) => ({
      push: (pcm) => void setImmediate(() => right.push(pcm)),
      finalize: (marker) => void setImmediate(() => right.finalize(marker)),
    })),
  ),
  animal('stream-empty-push', 'sends empty frames', (right) => ({
    async create(credential, settings, ctx) {
      let connection: Connection | undefined;
      const connect: typeof ctx.connect = async (...given) => {
        connection = await ctx.connect(...given);
        return connection;
      };
      const sending = stream((opened) => ({
        push: (pcm) => (pcm.length === 0 ? connection?.send(new Uint8Array(0)) : opened.push(pcm)),
      }));
      return sending(right).create?.(credential, settings, { ...ctx, connect }) as never;
    },
  })),
  animal(
    'stream-close-flushes',
    'forgets what was not finalized',
    stream((right) => {
      let isClosing = false;
      return {
        close() {
          isClosing = true;
          return right.close();
        },
        async *[Symbol.asyncIterator]() {
          for await (const event of right) if (!isClosing) yield event;
        },
      };
    }),
  ),
  animal(
    'stream-close-twice',
    'can be closed once',
    stream((right) => {
      let isClosed = false;
      return {
        async close() {
          if (isClosed) throw new Error('closed already');
          isClosed = true;
          return right.close();
        },
      };
    }),
  ),
  animal(
    'stream-close-releases',
    'keeps its socket after close',
    stream(() => ({ close: async () => undefined })),
  ),
  animal('stream-close-stalled', 'waits for the vendor’s good-bye for ever', timeless),
  animal('stream-close-half-open', 'waits for the good-bye of one that is gone', timeless),
  animal(
    'stream-push-after-close',
    'throws when it is pushed to after close',
    stream((right) => {
      let isClosed = false;
      return {
        push(pcm) {
          if (isClosed) throw new Error('write after end');
          right.push(pcm);
        },
        close() {
          isClosed = true;
          return right.close();
        },
      };
    }),
  ),
  animal(
    'stream-ends-once',
    'throws its error again and again',
    stream((right) => {
      let error: unknown;
      const iterator = right[Symbol.asyncIterator]();
      const next = async () => {
        if (error) throw error;
        return iterator.next().catch((reason) => {
          error = reason;
          throw reason;
        });
      };
      return { [Symbol.asyncIterator]: () => ({ next }) };
    }),
  ),
  animal('stream-keepalive', 'says nothing while it is idle', timeless),
  animal('stream-times', 'counts each utterance from zero', events(fromZero)),
  animal(
    'stream-words',
    'loses the last word',
    each((event) => (event.type === 'final' ? { ...event, words: (event.words ?? []).slice(0, -1) } : event)),
  ),
  animal(
    'stream-long',
    'hears nothing after half a minute',
    each((event) => (event.type === 'final' && (event.startMs ?? 0) > 30_000 ? null : event)),
  ),
  animal(
    'stream-memory',
    'keeps all it was ever given',
    stream((right) => {
      const kept: Int16Array[] = [];
      return {
        push(pcm) {
          kept.push(pcm.slice());
          right.push(pcm);
        },
      };
    }),
  ),
];

async function* doneFirst(right: AsyncIterable<SttEvent>): AsyncIterable<SttEvent> {
  const held: SttEvent[] = [];
  for await (const event of right) {
    if (event.type === 'final') held.push(event);
    else yield event;
    if (event.type === 'done') yield* held.splice(0);
  }
}

async function* onlyAfterWords(right: AsyncIterable<SttEvent>): AsyncIterable<SttEvent> {
  let hasWords = false;
  for await (const event of right) {
    if (event.type === 'final') hasWords = event.text !== '';
    if (event.type !== 'done' || hasWords) yield event;
  }
}

async function* onlyFirst(right: AsyncIterable<SttEvent>): AsyncIterable<SttEvent> {
  let isAnswered = false;
  for await (const event of right) {
    if (event.type !== 'final' || !isAnswered) yield event;
    isAnswered ||= event.type === 'done';
  }
}

async function* donesTogether(right: AsyncIterable<SttEvent>): AsyncIterable<SttEvent> {
  const held: SttEvent[] = [];
  for await (const event of right) {
    if (event.type === 'done' && held.push(event) < 2) continue;
    yield* event.type === 'done' ? held.splice(0) : [event];
  }
}

async function* fromZero(right: AsyncIterable<SttEvent>): AsyncIterable<SttEvent> {
  for await (const event of right) {
    if (event.type !== 'final') {
      yield event;
      continue;
    }
    const shift = event.startMs ?? 0;
    const words = (event.words ?? []).map((word) => ({
      ...word,
      startMs: word.startMs - shift,
      endMs: word.endMs - shift,
    }));
    yield { ...event, words };
  }
}
