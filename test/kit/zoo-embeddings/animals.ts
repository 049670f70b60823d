import type { Embeddings } from '../../../core/contracts/index.ts';
import type { EmbeddingsSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type Defects, subjectOf } from '../zoo-remote/defects.ts';
import { acmeEmbeddings } from './reference.ts';

type Answer = Awaited<ReturnType<Embeddings['embed']>>;

const animal = (trips: string, name: string, defects: Defects<'embeddings'>): Animal<EmbeddingsSubject> => ({
  name,
  trips,
  subject: subjectOf(acmeEmbeddings, defects),
});

const stated = { ...acmeEmbeddings.capabilities };

/** What is wrong with vectors, and with what is asked. */
export const embeddingsAnimals: readonly Animal<EmbeddingsSubject>[] = [
  animal('capabilities-valid', 'takes no texts', { manifest: { capabilities: { ...stated, maxTexts: 0 } } }),
  animal('dimensions-stated', 'has fewer than it says', {
    manifest: { capabilities: { ...stated, dimensions: 1536 } },
  }),
  animal(
    'one-vector-per-text',
    'loses the last one',
    vectors((all) => all.slice(0, -1)),
  ),
  animal(
    'vector-length',
    'gives shorter vectors',
    vectors((all) => all.map((vector) => vector.slice(1))),
  ),
  animal(
    'finite-numbers',
    'gives no numbers',
    vectors((all) => all.map((vector) => vector.fill(Number.NaN, 0, 1))),
  ),
  animal(
    'normalised',
    'gives vectors of any length',
    vectors((all) => all.map((vector) => vector.map((v) => v * 3))),
  ),
  animal(
    'order-kept',
    'gives the last one first',
    vectors((all) => all.toReversed()),
  ),
  animal(
    'same-text-same-vector',
    'changes its mind',
    vectors((all) => all.map((vector) => vector.map(drifting()))),
  ),
  animal(
    'different-texts-differ',
    'hears the same in all',
    vectors((all) => all.map(() => all[0] as Float32Array)),
  ),
  animal('both-purposes', 'knows only queries', {
    instance: ({ embed }) => ({
      embed: (texts, purpose, signal) => embed(purpose === 'query' ? texts : [], purpose, signal),
    }),
  }),
  animal(
    'usage-reported',
    'counts nothing',
    answered(() => ({ usage: [] })),
  ),
  animal(
    'texts-sent',
    'sends the first text only',
    asked((texts) => texts.slice(0, 1)),
  ),
  animal(
    'no-texts',
    'asks about nothing',
    asked((texts) => (texts.length === 0 ? ['nada'] : texts)),
  ),
  animal(
    'too-many-texts',
    'leaves out what is too many',
    asked((texts) => texts.slice(0, stated.maxTexts)),
  ),
  animal(
    'most-texts',
    'takes half of what it says',
    asked((texts) => texts.slice(0, stated.maxTexts / 2)),
  ),
  animal('parallel-calls', 'asks what was asked last', lastAsked()),
];

function answered(change: (right: Answer) => Partial<Answer>): Defects<'embeddings'> {
  return {
    instance: ({ embed }) => ({
      async embed(texts, purpose, signal) {
        const right = await embed(texts, purpose, signal);
        return { ...right, ...change(right) };
      },
    }),
  };
}

function vectors(change: (vectors: Float32Array[]) => Float32Array[]): Defects<'embeddings'> {
  return answered((right) => ({ vectors: change(right.vectors) }));
}

function asked(change: (texts: string[]) => string[]): Defects<'embeddings'> {
  return {
    instance: ({ embed }) => ({ embed: (texts, purpose, signal) => embed(change(texts), purpose, signal) }),
  };
}

let drift = 0;
/** Another direction at each call. */
function drifting(): (value: number, index: number) => number {
  const turn = ++drift;
  return (value, index) => value + (index === turn % 8 ? 0.5 : 0);
}

function lastAsked(): Defects<'embeddings'> {
  return {
    instance({ embed }) {
      let last: string[] = [];
      return {
        async embed(texts, purpose, signal) {
          last = texts;
          await new Promise(setImmediate);
          return embed(last, purpose, signal);
        },
      };
    },
  };
}
