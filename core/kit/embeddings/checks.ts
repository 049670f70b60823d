import type { Embeddings } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { failureOf } from '../expect.ts';
import { within } from '../proof.ts';
import {
  emulated,
  live,
  type RemoteCheck,
  type RemoteProof,
  type RemoteSuite,
  remoteCheck,
  stageOf,
  vendorOf,
} from '../remote/proof.ts';
import type { Stage } from '../stage.ts';

type EmbeddingsProof = RemoteProof<'embeddings'>;
export type EmbeddingsCheck = RemoteCheck<'embeddings'>;

const TEXTS = ['dor de cabeça xkq7', 'protetor solar', 'vitamina C efervescente'];
/** Largest distance of a norm from 1. */
const NORM_TOLERANCE = 1e-3;
/** Two answers to the same text differ by rounding only. */
const LEAST_LIKENESS = 0.9999;

/** What the shared checks need to know about vectors. */
export const suite: RemoteSuite<'embeddings'> = {
  kind: 'embeddings',
  ways: [
    {
      id: 'embed',
      title: 'A request',
      needs: [],
      isJson: true,
      ask: (stage, signal) => stage.instance.embed(TEXTS, 'query', signal),
    },
  ],
  hidden: ['xkq7'],
};

/** The vectors themselves. */
export const vectorChecks: readonly EmbeddingsCheck[] = [
  remoteCheck('capabilities-valid', 'bronze', 'The capabilities hold together.', [], async ({ capabilities }) => {
    const { dimensions, maxTexts, region } = capabilities;
    must(Number.isInteger(dimensions) && dimensions > 0, 'dimensions from 1');
    must(Number.isInteger(maxTexts) && maxTexts > 0, 'maxTexts from 1');
    must(typeof region === 'string' && region !== '', 'a region');
  }),
  remoteCheck(
    'dimensions-stated',
    'bronze',
    'The instance has the dimensions that are stated.',
    [],
    async (proof, life) => {
      const { instance } = await stageOf(proof, life);
      must(instance.dimensions === proof.capabilities.dimensions, 'the dimensions of the capabilities');
    },
  ),
  remoteCheck('one-vector-per-text', 'bronze', 'Each text gets one vector.', [], async (proof, life) => {
    const { vectors } = await embed(proof, await stageOf(proof, life), TEXTS);
    must(vectors.length === TEXTS.length, 'as many vectors as texts');
  }),
  remoteCheck(
    'vector-length',
    'bronze',
    'A vector is a Float32Array of the stated length.',
    [],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      for (const vector of (await embed(proof, stage, TEXTS)).vectors) {
        must(vector instanceof Float32Array, 'a Float32Array');
        must(vector.length === stage.instance.dimensions, 'of the stated length');
      }
    },
  ),
  remoteCheck(
    'finite-numbers',
    'bronze',
    'All numbers are finite, and not all of them zero.',
    [],
    async (proof, life) => {
      for (const vector of (await embed(proof, await stageOf(proof, life), TEXTS)).vectors) {
        must(Array.from(vector).every(Number.isFinite), 'finite numbers');
        must(Array.from(vector).some(Boolean), 'not all zero');
      }
    },
  ),
  remoteCheck(
    'normalised',
    'silver',
    'A vector’s length is 1: a product of two is their likeness.',
    [],
    async (proof, life) => {
      for (const vector of (await embed(proof, await stageOf(proof, life), TEXTS)).vectors) {
        const length = Math.sqrt(product(vector, vector));
        must(!Number.isFinite(length) || length === 0 || Math.abs(length - 1) < NORM_TOLERANCE, 'length 1');
      }
    },
  ),
  remoteCheck('order-kept', 'bronze', 'Vectors come in the order of their texts.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const together = (await embed(proof, stage, TEXTS)).vectors.map(unit);
    for (const [index, text] of TEXTS.entries()) {
      const alone = unit((await embed(proof, stage, [text])).vectors[0]);
      const likeness = together.map((vector) => product(vector, alone));
      must((likeness[index] ?? 0) >= Math.max(...likeness) - 1e-6, 'each text its own vector');
    }
  }),
  remoteCheck('same-text-same-vector', 'silver', 'The same text has the same vector.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const [first] = (await embed(proof, stage, TEXTS)).vectors;
    const [again] = (await embed(proof, stage, TEXTS)).vectors;
    must(product(unit(first), unit(again)) > LEAST_LIKENESS, 'the same vector');
  }),
  remoteCheck(
    'different-texts-differ',
    'silver',
    'Different texts have different vectors.',
    [],
    async (proof, life) => {
      const { vectors } = await embed(proof, await stageOf(proof, life), TEXTS);
      must(product(unit(vectors[0]), unit(vectors[1])) < LEAST_LIKENESS, 'different vectors');
    },
  ),
  remoteCheck(
    'both-purposes',
    'silver',
    'Queries and documents are both taken, in one space.',
    [],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      for (const purpose of ['query', 'document'] as const) {
        const call = stage.instance.embed(TEXTS, purpose, live());
        const { vectors } = await within(proof, call, `vectors of a ${purpose}`);
        must(vectors.length > 0, `vectors of a ${purpose}`);
      }
    },
  ),
  remoteCheck('usage-reported', 'bronze', 'Tokens are reported, by model.', [], async (proof, life) => {
    const { usage } = await embed(proof, await stageOf(proof, life), TEXTS);
    const tokens = usage.filter(({ of, unit: by }) => of === 'text_in' && (by === 'token' || by === 'character'));
    must(tokens.reduce((sum, { quantity }) => sum + quantity, 0) > 0, 'tokens or characters of the texts');
    must(
      usage.every(({ model }) => model !== ''),
      'by model',
    );
  }),
  remoteCheck('texts-sent', 'bronze', 'Every text reaches the vendor.', [emulated], async (proof, life) => {
    const stage = await stageOf(proof, life);
    await embed(proof, stage, TEXTS);
    const sent = vendorOf(stage).requests.map(({ body }) => JSON.stringify(JSON.parse(body.toString('utf8'))));
    for (const text of TEXTS) must(sent.join('\n').includes(text), 'each text');
  }),
  remoteCheck('no-texts', 'silver', 'No texts: no vectors, and no request.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const { vectors } = await embed(proof, stage, []);
    must(vectors.length === 0, 'no vectors');
    must(stage.calls === 0, 'no request');
  }),
  remoteCheck('too-many-texts', 'silver', 'More texts than stated are refused, unsent.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const texts = new Array<string>(proof.capabilities.maxTexts + 1).fill('a');
    const { code } = await failureOf(proof, stage.instance.embed(texts, 'document', live()));
    must(code === 'invalid_request' || code === 'unsupported', 'code invalid_request');
    must(stage.calls === 0, 'nothing was sent');
  }),
  remoteCheck('most-texts', 'gold', 'As many texts as stated are taken.', [emulated], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const texts = Array.from({ length: proof.capabilities.maxTexts }, (_, i) => `texto ${i}`);
    const { vectors } = await embed({ ...proof, patienceMs: 15_000 }, stage, texts);
    must(vectors.length === texts.length, 'a vector for each');
  }),
  remoteCheck('parallel-calls', 'silver', 'Requests at the same time do not get mixed up.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const alone = await Promise.all(TEXTS.map(async (text) => (await embed(proof, stage, [text])).vectors[0]));
    for (const [index, text] of TEXTS.entries()) {
      const [again] = (await embed(proof, stage, [text])).vectors;
      must(product(unit(alone[index]), unit(again)) > LEAST_LIKENESS, 'to each its own vector');
    }
  }),
];

function embed(proof: EmbeddingsProof, stage: Stage<'embeddings'>, texts: string[]): ReturnType<Embeddings['embed']> {
  return within(proof, stage.instance.embed(texts, 'document', live()), 'the vectors come');
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] ?? 0);
  return sum;
}

function unit(vector: Float32Array | undefined): Float32Array {
  must(vector !== undefined, 'a vector');
  const length = Math.sqrt(product(vector, vector));
  return Float32Array.from(vector, (value) => value / length);
}
