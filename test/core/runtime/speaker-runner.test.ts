import t from 'tap';
import { Type } from 'typebox';
import type { ProviderManifest, Speaker } from '../../../core/contracts/index.ts';
import { SpeakerRunner } from '../../../core/runtime/speaker-runner.ts';
import { RuntimeHouse } from '../../helpers/runtime-house.ts';
import { fault, never } from '../../helpers/scripted-provider.ts';

type Embed = Speaker['embed'];

function scriptedSpeaker(id: string, embed: Embed, hint = false): ProviderManifest<'speaker'> {
  return {
    kind: 'speaker',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'm1' }) }),
    models: ['m1'],
    capabilities: { dimensions: 2, minMs: 500, hint },
    create: () => ({ dimensions: 2, embed }),
  };
}

const VECTOR = Float32Array.of(1, 2);
const AUDIO = { pcm: new Int16Array(16_000), sampleRateHz: 16_000 };

function house(...embeds: Embed[]) {
  const runtime = new RuntimeHouse(embeds.map((embed, index) => scriptedSpeaker('abc'[index] ?? 'z', embed)));
  const runner = new SpeakerRunner(runtime);
  const candidates = runtime.configured.map(({ address }) => runtime.candidate(address));
  const ask = (more: object = {}) => {
    const call = { ms: 3000, signal: new AbortController().signal, ...more };
    return runtime.clock.until(runner.embed(candidates, AUDIO, call));
  };
  return { runtime, ask };
}

t.test('a voice comes with the model it was measured by', async (t) => {
  t.same(await house(async () => VECTOR).ask(), { vector: VECTOR, model: 'speaker/a:m1', isHint: false });
});

const broken: [string, Embed][] = [
  ['throws', () => Promise.reject(fault('server'))],
  ['has a bug', () => Promise.reject(new TypeError('x'))],
  ['never answers', never],
  ['answers with nothing', async () => undefined as never],
  ['answers with no number', async () => Float32Array.of(Number.NaN, 1)],
  ['answers with zeros', async () => new Float32Array(2)],
];
for (const [what, embed] of broken) {
  t.test(`one that ${what} costs its own attempt: alone nothing is known`, async (t) => {
    const { runtime, ask } = house(embed);
    t.equal(await ask(), null);
    t.equal(runtime.clock.pending, 0, 'nothing is left behind');
    const [first] = runtime.configured;
    const answer = await house(embed, async () => VECTOR).ask({ ms: 30_000 });
    if (what === 'never answers') t.equal(answer, null, 'all of them have one deadline');
    else t.equal(answer?.model, 'speaker/b:m1', `the next one is asked after ${first?.address}`);
  });
}

t.test('one that fails on and on rests, and is not asked at each utterance', async (t) => {
  let asked = 0;
  const { ask } = house(() => {
    asked += 1;
    return Promise.reject(fault('server'));
  });
  for (let index = 0; index < 30; index++) await ask();
  t.ok(asked < 15, `${asked} of 30`);
  const before = asked;
  await ask({ insist: true });
  t.equal(asked, before + 1, 'somebody who waits for it asks all the same');
});

t.test('no more than two at once: the others wait a second, then do without', async (t) => {
  const { runtime, ask } = house(never);
  const all = Array.from({ length: 5 }, () => ask());
  await runtime.clock.advance(0);
  t.match(runtime.instances.queues(), [{ taken: 2, waiting: 3 }]);
  t.same(await Promise.all(all), [null, null, null, null, null]);
  t.match(runtime.instances.queues(), [{ taken: 0, waiting: 0 }]);
});
