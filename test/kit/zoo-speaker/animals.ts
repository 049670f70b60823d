import Type from 'typebox';
import { isProviderError, type Speaker } from '../../../core/contracts/index.ts';
import type { SpeakerSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type Defects, speakerWith } from './reference.ts';

const animal = (trips: string, name: string, defects: Defects): Animal<SpeakerSubject> => ({
  name,
  trips,
  subject: speakerWith(defects),
});

const rigor = Type.Integer({ minimum: 0, maximum: 3, default: 2, title: 'Rigor' });

/** What is wrong with those who tell voices apart. */
export const speakerAnimals: readonly Animal<SpeakerSubject>[] = [
  animal('manifest-named', 'is written for contracts that do not exist yet', { vendor: { specVersion: 9 as never } }),
  animal('stays-local', 'looks for updates when it is made', {
    create: (ctx) => void ctx.fetch('https://updates.example/').catch(() => undefined),
  }),
  animal('settings-refused-by-name', 'takes any value for a setting', {
    manifest: { settings: Type.Object({ rigor: Type.Any({ default: 2, title: 'Rigor' }) }) },
  }),
  animal('settings-have-defaults', 'has a setting without a default', {
    manifest: { settings: Type.Object({ rigor, extra: Type.Optional(Type.String({ title: 'Extra' })) }) },
  }),
  animal('capabilities-valid', 'wants five seconds', {
    manifest: { capabilities: { dimensions: 40, minMs: 5000 } },
  }),
  animal(
    'vector-length',
    'gives shorter vectors',
    vector((right) => right.slice(1)),
  ),
  animal(
    'finite-numbers',
    'gives no numbers',
    vector((right) => right.fill(Number.NaN, 0, 1)),
  ),
  animal('same-voice-closer', 'turns every second vector over', vector(turned())),
  animal('same-clip-same-vector', 'changes its mind', vector(drifting())),
  animal('short-audio-refused', 'makes a vector of nothing', {
    speaker: ({ embed }) => ({
      embed: (audio, signal) => embed(audio, signal).catch((error) => ofNothing(error)),
    }),
  }),
  animal('shortest-audio-taken', 'wants more than it says', {
    manifest: { capabilities: { dimensions: 40, minMs: 200 } },
  }),
  animal('audio-is-kept', 'works in the clip', {
    speaker: ({ embed }) => ({
      async embed(audio, signal) {
        const right = await embed(audio, signal);
        audio.pcm.fill(0);
        return right;
      },
    }),
  }),
  animal('parallel-calls', 'hears the last one only', { speaker: lastOnly }),
  animal('abort-before', 'starts what nobody wants any more', {
    speaker: ({ embed }) => ({ embed: (audio) => embed(audio, new AbortController().signal) }),
  }),
  animal('instances-independent', 'shares what closing frees', sharing()),
  animal('instance-close', 'cannot be closed twice', { speaker: closedOnce }),
  animal('log-is-quiet', 'logs the vector', {
    speaker: ({ embed }, ctx) => ({
      async embed(audio, signal) {
        const right = await embed(audio, signal);
        ctx.log.debug({ right }, 'vetor');
        return right;
      },
    }),
  }),
  animal('voices-told-apart', 'hears little of the voice', {
    speaker: ({ embed }) => ({ embed: async (audio, signal) => odd(await embed(audio, signal), audio.pcm) }),
  }),
  animal('level-does-not-matter', 'takes loudness for the voice', {
    speaker: ({ embed }) => ({
      embed: async (audio, signal) => (await embed(audio, signal)).fill((Math.max(...audio.pcm) - 4000) / 100, 0, 5),
    }),
  }),
  animal('long-audio-taken', 'takes ten seconds at most', {
    speaker: ({ embed }) => ({
      embed: (audio, signal) =>
        audio.pcm.length > 160_000 ? Promise.reject(new RangeError('too long')) : embed(audio, signal),
    }),
  }),
  animal('memory-flat', 'remembers every clip', remembering()),
  animal(
    'cheap-enough',
    'thinks long',
    vector((right) => burned(right)),
  ),
];

/** Another vector than the right one. */
function vector(change: (right: Float32Array) => Float32Array): Defects {
  return { speaker: ({ embed }) => ({ embed: async (audio, signal) => change(await embed(audio, signal)) }) };
}

function turned(): (right: Float32Array) => Float32Array {
  let turn = 0;
  return (right) => (turn++ % 2 === 0 ? right : right.map((value) => -value));
}

function drifting(): (right: Float32Array) => Float32Array {
  let turn = 0;
  return (right) => right.fill(turn++, 0, 1);
}

function ofNothing(error: unknown): Float32Array {
  if (!isProviderError(error) || error.code !== 'empty') throw error;
  return new Float32Array(40);
}

function lastOnly({ embed }: Speaker): Partial<Speaker> {
  let last: Parameters<Speaker['embed']>[0] | undefined;
  return {
    async embed(audio, signal) {
      last = audio;
      await new Promise(setImmediate);
      return embed(last, signal);
    },
  };
}

function sharing(): Defects {
  let isFreed = false;
  return {
    create() {
      isFreed = false;
    },
    speaker: ({ embed }) => ({
      embed: async (audio, signal) => (isFreed ? new Float32Array(40) : embed(audio, signal)),
      async close() {
        isFreed = true;
      },
    }),
  };
}

function closedOnce(): Partial<Speaker> {
  let isClosed = false;
  return {
    async close() {
      if (isClosed) throw new Error('already closed');
      isClosed = true;
    },
  };
}

/** Nearly all of the vector is the clip's own, whoever speaks. */
function odd(right: Float32Array, pcm: Int16Array): Float32Array {
  let own = 1;
  for (const value of pcm.subarray(1000, 3000)) own = (own * 31 + value + 40_000) % 9973;
  return right.map((value, i) => value * 0.3 + Math.sin(own * (i + 1)));
}

function remembering(): Defects {
  const kept: unknown[] = [];
  return vector((right) => {
    kept.push(new Float32Array(20_000));
    return right;
  });
}

function burned(right: Float32Array): Float32Array {
  const until = process.cpuUsage().user + 900_000;
  while (process.cpuUsage().user < until);
  return right;
}
