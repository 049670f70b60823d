import t from 'tap';
import { Type } from 'typebox';
import type { Embeddings, ProviderManifest } from '../../../core/contracts/index.ts';
import { EmbeddingsRunner } from '../../../core/runtime/embeddings-runner.ts';
import { RuntimeHouse } from '../../helpers/runtime-house.ts';
import { fault, never } from '../../helpers/scripted-provider.ts';

type Embed = Embeddings['embed'];
const VECTOR = Float32Array.of(1, 2);

function vectors(id: string, embed: Embed): ProviderManifest<'embeddings'> {
  return {
    kind: 'embeddings',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'm1' }) }),
    models: ['m1'],
    capabilities: { dimensions: 2, maxTexts: 2, region: 'local' },
    create: () => ({ dimensions: 2, embed }),
  };
}

const usage = [{ unit: 'token' as const, quantity: 3, of: 'text_in' as const, model: 'm1' }];
const answers: Embed = async (texts) => ({ vectors: texts.map((text) => Float32Array.of(text.length, 1)), usage });

function house(...embeds: Embed[]) {
  const runtime = new RuntimeHouse(embeds.map((embed, index) => vectors('abc'[index] ?? 'z', embed)));
  const runner = new EmbeddingsRunner(runtime);
  const candidates = runtime.configured.map(({ address }) => runtime.candidate(address));
  const ask = (texts: string[], signal = new AbortController().signal) =>
    runtime.clock.until(runner.embed(candidates, texts, { purpose: 'document', ms: 8000, signal }));
  return { runtime, ask };
}

t.test('one vector a text, in their order, in requests of what the provider takes', async (t) => {
  const asked: string[][] = [];
  const { ask } = house((texts, ...rest) => {
    asked.push(texts);
    return answers(texts, ...rest);
  });
  const outcome = await ask(['a', 'bb', 'ccc']);
  t.match(outcome, { status: 'answered', address: 'embeddings/a', model: 'm1' });
  t.same(
    outcome.vectors.map(([length]) => length),
    [1, 2, 3],
  );
  t.same(asked, [['a', 'bb'], ['ccc']]);
  t.equal(outcome.attempts[0]?.usage.length, 2);
});

const broken: [string, Embed][] = [
  ['refuses', () => Promise.reject(fault('server'))],
  ['has a bug', () => Promise.reject(new TypeError('x'))],
  ['never answers', never],
  ['answers with nothing', async () => undefined as never],
  ['leaves one out', async () => ({ vectors: [VECTOR], usage })],
  ['answers with other dimensions', async (texts) => ({ vectors: texts.map(() => new Float32Array(3)), usage })],
  ['answers with no number', async (texts) => ({ vectors: texts.map(() => Float32Array.of(Number.NaN, 1)), usage })],
];
for (const [what, embed] of broken) {
  t.test(`one that ${what}: the next one answers for all of it`, async (t) => {
    const { ask, runtime } = house(embed, answers);
    const outcome = await ask(['a', 'bb', 'ccc']);
    t.match(outcome, { status: 'answered', address: 'embeddings/b', attempts: [{ outcome: 'failed' }, {}] });
    t.equal(outcome.vectors.length, 3);
    t.equal(runtime.clock.pending, 0, 'nothing is left behind');
    t.match(await house(embed).ask(['a', 'bb']), { status: 'failed', vectors: [] });
  });
}

t.test('vectors of two providers never come together', async (t) => {
  let calls = 0;
  const { ask } = house(async (texts, ...rest) => {
    if (++calls > 1) throw fault('server');
    return { vectors: (await answers(texts, ...rest)).vectors.map(() => Float32Array.of(9, 9)), usage };
  }, answers);
  const outcome = await ask(['a', 'bb', 'ccc']);
  t.notOk(outcome.vectors.some(([first]) => first === 9));
  t.equal(outcome.attempts[0]?.usage.length, 1, 'what was billed counts');
});

t.test('who gives up is obeyed at once', async (t) => {
  const stop = new AbortController();
  const asking = house(never, answers).ask(['a'], stop.signal);
  stop.abort();
  t.match(await asking, { status: 'failed', attempts: [{ outcome: 'aborted' }] });
});

t.test('nobody is configured', async (t) => {
  t.match(await house().ask(['a']), { status: 'no_provider', attempts: [] });
});
