import t from 'tap';
import type { SttBounds } from '../../../core/runtime/bounds.ts';
import type { SttOutcome } from '../../../core/runtime/types.ts';
import { FACTS, type RuntimeHouse, said, sttHouse } from '../../helpers/runtime-house.ts';
import {
  answers,
  type BatchScript,
  echo,
  fault,
  never,
  type ScriptedStream,
  type StreamScript,
  scriptedStt,
  streams,
} from '../../helpers/scripted-provider.ts';

/** Answers after so many milliseconds of the house's clock; the house comes later than its providers. */
function slowly(house: () => RuntimeHouse, ms: number | ((call: number) => number), text?: string): BatchScript {
  return (audio, signal, call) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = house().clock.after(typeof ms === 'number' ? ms : ms(call), resolve);
    signal.addEventListener('abort', cancel);
    return promise.then(() => (text === undefined ? answers(audio, signal, call) : { text, model: 'modelo' }));
  };
}

/** A house whose first candidate usually takes 400 to 500 ms. */
function knowing(house: RuntimeHouse, mode: 'batch' | 'stream' = 'batch'): RuntimeHouse {
  for (let at = 0; at < 20; at++) house.latencies.took(house.candidate('stt/a'), mode, 600, 400 + at * 5);
  return house;
}

async function hear(
  house: RuntimeHouse,
  options: { hedge?: boolean; bounds?: Partial<SttBounds>; mode?: 'stream' } = {},
) {
  const runner = house.runner(options.bounds, () => {
    const routed = house.routed(options.mode);
    return { ...routed, decision: { ...routed.decision, hedge: options.hedge ?? true } };
  });
  const { feed } = runner.begin(1);
  await house.speak(feed, 20);
  const spokenMs = house.clock.now();
  const outcome: SttOutcome = await house.clock.until(feed.end(FACTS));
  const tookMs = house.clock.now() - spokenMs;
  await house.clock.until(runner.close());
  t.equal(house.clock.pending, 0, 'no timer is left behind');
  t.equal(house.pool.usedBytes, 0);
  return { outcome, tookMs };
}

t.test('slower than its own p95: the next one is started beside it, and the first answer wins', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 5000) });
  const b = scriptedStt('b', { batch: slowly(() => house, 100) });
  const house = knowing(sttHouse([a, b]));
  const { outcome, tookMs } = await hear(house);
  t.match(outcome, { status: 'answered', address: 'stt/b', transcript: { text: echo(said(20)) } });
  t.equal(tookMs, 490 + 100, 'the p95 of what it took before, and what the other one took');
  t.match(outcome.attempts, [
    { address: 'stt/b', purpose: 'hedge', outcome: 'answered' },
    { address: 'stt/a', purpose: 'answer', outcome: 'aborted', error: { code: 'aborted' } },
  ]);
  t.same(
    outcome.attempts.map(({ usage }) => usage.map(({ quantity }) => quantity)),
    [[0.6], [0.6]],
    'both were sent the audio: both bill it',
  );
  t.equal(outcome.costMicroUsd, 12);
  t.equal(house.health.restsUntilMs(house.candidate('stt/a')), 0, 'slow is no fault');
});

t.test('the first one answers after all: it wins, and the hedge is aborted and billed', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 600) });
  const b = scriptedStt('b', { batch: slowly(() => house, 5000) });
  const house = knowing(sttHouse([a, b]));
  const { outcome, tookMs } = await hear(house);
  t.equal(tookMs, 600);
  t.match(outcome, { address: 'stt/a', costMicroUsd: 12 });
  t.match(outcome.attempts[1], { address: 'stt/b', purpose: 'hedge', outcome: 'aborted', usage: [{ quantity: 0.6 }] });
});

t.test('nobody is started beside one that is no slower than usual, or of which too little is known', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 480) });
  const b = scriptedStt('b', { batch: answers });
  let house = knowing(sttHouse([a, b]));
  await hear(house);
  t.equal(b.calls.length, 0);
  house = sttHouse([scriptedStt('a', { batch: slowly(() => house, 3000) }), b]);
  for (let at = 0; at < 19; at++) house.latencies.took(house.candidate('stt/a'), 'batch', 600, 10);
  t.equal((await hear(house)).tookMs, 3000);
  t.equal(b.calls.length, 0);
});

t.test('off by default', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 3000) });
  const b = scriptedStt('b', { batch: answers });
  const house = knowing(sttHouse([a, b]));
  t.equal((await hear(house, { hedge: false })).tookMs, 3000);
  t.equal(b.calls.length, 0);
});

t.test(
  'what it takes is learned from every answer; one that was outrun counts with what it took until then',
  async (t) => {
    const a = scriptedStt('a', {
      batch: slowly(
        () => house,
        (call) => (call <= 20 ? 300 : 5000),
      ),
    });
    const b = scriptedStt('b', { batch: slowly(() => house, 100) });
    const house = sttHouse([a, b]);
    const p95 = () => house.latencies.p95Ms(house.candidate('stt/a'), 'batch', 600);
    for (let times = 0; times < 20; times++) {
      t.equal(p95(), null);
      await hear(house);
    }
    t.equal(p95(), 300);
    for (let times = 0; times < 2; times++) await hear(house);
    t.equal(b.calls.length, 2);
    t.equal(p95(), 400, 'else it would fall with each one that is outrun, and everything would be asked twice');
  },
);

t.test('"nothing was said" does not beat one that still listens', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 2000) });
  const b = scriptedStt('b', { batch: slowly(() => house, 100, '') });
  let house = knowing(sttHouse([a, b]));
  const words = await hear(house);
  t.match(words.outcome, { status: 'answered', address: 'stt/a' });
  t.match(words.outcome.attempts, [
    { address: 'stt/b', outcome: 'empty' },
    { address: 'stt/a', outcome: 'answered' },
  ]);
  house = knowing(sttHouse([scriptedStt('a', { batch: () => never() }), b]));
  const empty = await hear(house);
  t.match(empty.outcome, { status: 'empty', address: 'stt/b' });
  t.equal(empty.tookMs, 490 + 100 + 2000, 'but not for ever');
});

t.test('both say that nothing was said: that is an answer, at once', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 800, '') });
  const b = scriptedStt('b', { batch: slowly(() => house, 100, '') });
  const house = knowing(sttHouse([a, b]));
  t.match(await hear(house), { outcome: { status: 'empty', address: 'stt/b' }, tookMs: 800 });
});

t.test('the one beside it fails: the first is still waited for, and the fault is the other’s', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 1500) });
  const b = scriptedStt('b', { batch: () => Promise.reject(fault('quota')) });
  const house = knowing(sttHouse([a, b]));
  t.match(await hear(house), { outcome: { status: 'answered', address: 'stt/a' }, tookMs: 1500 });
  t.ok(house.health.restsUntilMs(house.candidate('stt/b')) > 0);
});

t.test('the slow one fails: the one beside it answers, and a third is asked when that fails too', async (t) => {
  const failsAfter = (ms: number) => () =>
    new Promise<never>((_, reject) => void house.clock.after(ms, () => reject(fault('protocol'))));
  const a = scriptedStt('a', { batch: failsAfter(700) });
  const b = scriptedStt('b', { batch: failsAfter(500) });
  const c = scriptedStt('c', { batch: answers });
  const house = knowing(sttHouse([a, b, c]));
  const { outcome } = await hear(house);
  t.match(outcome, { status: 'answered', address: 'stt/c' });
  t.match(
    outcome.attempts.map(({ address, purpose }) => `${address} ${purpose}`),
    ['stt/a answer', 'stt/b hedge', 'stt/c answer'],
  );
});

t.test('one at rest is not started beside another', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 2000) });
  const b = scriptedStt('b', { batch: answers });
  const house = knowing(sttHouse([a, b]));
  house.health.failed(house.candidate('stt/b'), fault('server'));
  t.match(await hear(house), { outcome: { address: 'stt/a' }, tookMs: 2000 });
  t.equal(b.calls.length, 0);
});

t.test('a stream that does not finish is outrun by a batch candidate, and billed what it was given', async (t) => {
  const finished: [ScriptedStream, number][] = [];
  const slow: StreamScript = { push: streams.push, finalize: (stream, marker) => void finished.push([stream, marker]) };
  const a = scriptedStt('a', { stream: slow });
  const b = scriptedStt('b', { batch: answers });
  const house = knowing(sttHouse([a, b]), 'stream');
  const { outcome, tookMs } = await hear(house, { mode: 'stream' });
  t.match(outcome, { address: 'stt/b', transcript: { text: echo(said(20)) } });
  t.equal(tookMs, 490, 'from the end of speech');
  t.match(outcome.attempts[1], { mode: 'stream', outcome: 'aborted', usage: [{ unit: 'second', quantity: 0.6 }] });
  t.equal(a.streams[0]?.heard.length, 9600, 'nothing more is pushed to it');
});

t.test('a retry is told from a first attempt', async (t) => {
  const a = scriptedStt('a', {
    batch: (...call) => (call[2] === 1 ? Promise.reject(fault('server')) : answers(...call)),
  });
  const house = sttHouse([a]);
  const { outcome } = await hear(house);
  t.match(outcome.attempts, [{ purpose: 'answer' }, { purpose: 'retry', outcome: 'answered' }]);
});

t.test('another vendor is started rather than another key of the slow one', async (t) => {
  const a = scriptedStt('a', { batch: slowly(() => house, 3000) });
  const b = scriptedStt('b', { batch: answers });
  const house = knowing(sttHouse([a, b]));
  const runner = house.runner({}, () => {
    const { decision, candidates } = house.routed();
    const otherKey = { ...house.candidate('stt/a'), credential: 1 };
    return {
      decision: { ...decision, hedge: true },
      candidates: [...candidates.slice(0, 1), otherKey, ...candidates.slice(1)],
    };
  });
  const { feed } = runner.begin(1);
  await house.speak(feed, 20);
  const { attempts } = await house.clock.until(feed.end(FACTS));
  t.match(attempts[0], { address: 'stt/b', purpose: 'hedge', outcome: 'answered' });
  t.equal(attempts.length, 2);
});
