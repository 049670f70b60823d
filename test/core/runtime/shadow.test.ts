import t from 'tap';
import type { Routed, SttOutcome, UtteranceFacts } from '../../../core/runtime/types.ts';
import { settle } from '../../helpers/manual-clock.ts';
import { FACTS, type HouseOptions, type RuntimeHouse, said, sttHouse } from '../../helpers/runtime-house.ts';
import {
  answers,
  echo,
  fault,
  never,
  type ScriptedStt,
  type StreamScript,
  scriptedStt,
} from '../../helpers/scripted-provider.ts';

/** The first provider answers, the second one is compared with it. */
function compared(house: RuntimeHouse, share = 1): Routed {
  const { decision } = house.routed('segment');
  return {
    decision: { ...decision, shadow: { address: 'stt/b', share } },
    candidates: [house.candidate('stt/a')],
    shadow: house.candidate('stt/b'),
  };
}

function arrange(b: ScriptedStt, options: HouseOptions = {}, a = scriptedStt('a', { batch: answers })) {
  const house = sttHouse([a, b], options);
  const say = async (segment: number, share?: number): Promise<SttOutcome> => {
    // As with rules on its length: at the start of speech nobody can tell who else will hear it.
    const route = (facts: UtteranceFacts | null) => (facts ? compared(house, share) : house.routed('segment'));
    const { feed } = house.runner({}, route).begin(segment);
    await house.speak(feed, 20, segment);
    return house.clock.until(feed.end(FACTS));
  };
  return { house, say };
}

t.test('a second provider hears what was answered, and nobody waits for it', async (t) => {
  const late = Promise.withResolvers<{ text: string; model: string }>();
  const b = scriptedStt('b', { batch: () => late.promise });
  const { house, say } = arrange(b);
  const outcome = await say(1);
  t.match(outcome, { status: 'answered', address: 'stt/a', transcript: { text: echo(said(20, 1)) }, costMicroUsd: 6 });
  t.equal(outcome.attempts.length, 1, 'the comparison is none of them');
  t.same(b.calls[0]?.pcm, said(20, 1));
  await house.clock.advance(1000);
  late.resolve({ text: ' outra coisa ', model: 'modelo' });
  const heard = await outcome.shadow;
  t.match(heard, {
    text: 'outra coisa',
    attempt: { address: 'stt/b', purpose: 'shadow', outcome: 'answered', durationMs: 1000, costMicroUsd: 6 },
  });
  t.equal(house.pool.usedBytes, 0);
  t.equal(house.clock.pending, 0);
});

t.test('the share that was asked for', async (t) => {
  const b = scriptedStt('b', { batch: answers });
  const { say } = arrange(b);
  // The house's dice always show 0.5.
  t.notOk((await say(1, 0.5)).shadow);
  t.ok((await say(2, 0.51)).shadow);
  t.equal(b.calls.length, 1);
});

t.test('nothing is compared with itself, nor with one that is at rest, nor what nobody answered', async (t) => {
  const b = scriptedStt('b', { batch: answers });
  const { house, say } = arrange(b, {}, scriptedStt('a', { batch: () => Promise.reject(fault('auth')) }));
  t.notOk((await say(1)).shadow, 'nobody answered');
  const { feed } = house.runner({}, () => ({ ...compared(house), candidates: [house.candidate('stt/b')] })).begin(2);
  await house.speak(feed, 20);
  t.notOk((await house.clock.until(feed.end(FACTS))).shadow);
  t.equal(b.calls.length, 1);
  const well = arrange(b);
  well.house.health.failed(well.house.candidate('stt/b'), fault('quota'));
  t.equal(await (await well.say(3)).shadow, null);
  t.equal(b.calls.length, 1);
});

t.test('its failure is recorded, billed to nobody, tried once, and changes nobody’s health', async (t) => {
  const b = scriptedStt('b', { batch: () => Promise.reject(fault('quota')) });
  const { house, say } = arrange(b);
  const outcome = await say(1);
  t.match(await outcome.shadow, { text: null, attempt: { outcome: 'failed', error: { code: 'quota' }, usage: [] } });
  t.equal(b.calls.length, 1);
  t.equal(house.health.restsUntilMs(house.candidate('stt/b')), 0);
});

t.test('one that only streams gets a stream of its own, closed after', async (t) => {
  const script: StreamScript = {
    finalize: (stream, marker) => {
      stream.say({ type: 'final', text: echo(stream.heard) });
      stream.say({ type: 'done', marker });
    },
  };
  const b = scriptedStt('b', { stream: script });
  const { house, say } = arrange(b);
  const outcome = await say(1);
  const heard = await house.clock.until(outcome.shadow ?? Promise.resolve(null));
  t.match(heard, {
    text: echo(said(20, 1)),
    attempt: { mode: 'stream', purpose: 'shadow', usage: [{ quantity: 0.6 }] },
  });
  t.ok(b.streams[0]?.isClosed);
  t.equal(house.clock.pending, 0);
});

t.test('real speech takes its memory: the comparison goes first, and is billed for what it was given', async (t) => {
  const b = scriptedStt('b', { batch: () => never() });
  const { house, say } = arrange(b, { maxBytes: 8 * 16_384 });
  const outcome = await say(1);
  await settle();
  t.equal(house.pool.usedBytes, 2 * 16_384, 'it holds what it compares');
  const { feed } = house.runner({}, () => house.routed('segment')).begin(2);
  await house.speak(feed, 8 * 17, 7);
  t.equal(house.pool.usedBytes, 8 * 16_384);
  t.match(await outcome.shadow, { text: null, attempt: { outcome: 'aborted', usage: [{ quantity: 0.6 }] } });
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'answered', lostMs: 0 });
  const { feed: long } = house.runner({}, () => house.routed('segment')).begin(3);
  await house.speak(long, 9 * 18);
  t.equal(house.pool.usedBytes, 0, 'one comparison makes room once');
  long.cancel();
});

t.test('with less than half of the memory free nothing is compared', async (t) => {
  const b = scriptedStt('b', { batch: answers });
  const { house, say } = arrange(b, { maxBytes: 8 * 16_384 });
  const { feed } = house.runner({}, () => house.routed('segment')).begin(2);
  await house.speak(feed, 5 * 17);
  t.equal(await (await say(1)).shadow, null);
  t.equal(b.calls.length, 0);
  feed.cancel();
  t.equal(house.pool.usedBytes, 0);
});

t.test('so many at once, and no more', async (t) => {
  const gate = Promise.withResolvers<void>();
  const b = scriptedStt('b', { batch: (...call) => gate.promise.then(() => answers(...call)) });
  const { house, say } = arrange(b, { shadows: 2 });
  const outcomes = [await say(1), await say(2), await say(3)];
  t.equal(await outcomes[2]?.shadow, null);
  gate.resolve();
  t.match(await Promise.all(outcomes.map(({ shadow }) => shadow)), [{ text: String }, { text: String }, null]);
  t.ok(await (await say(4)).shadow);
  t.equal(house.pool.usedBytes, 0);
});

t.test('a place at the credential is given up the moment real speech needs it', async (t) => {
  const b = scriptedStt(
    'b',
    { batch: (...call) => (call[2] === 1 ? never() : answers(...call)) },
    { maxConcurrent: 1 },
  );
  const { house, say } = arrange(b);
  const outcome = await say(1);
  const { feed } = house
    .runner({}, () => ({ ...house.routed('segment'), candidates: [house.candidate('stt/b')] }))
    .begin(2);
  await house.speak(feed, 20);
  const real = await house.clock.until(feed.end(FACTS));
  t.match(real, { status: 'answered', address: 'stt/b' });
  t.equal(real.attempts[0]?.queueMs, 0);
  t.match(await outcome.shadow, { attempt: { outcome: 'aborted' } });
});

t.test('a full credential is not compared with', async (t) => {
  const b = scriptedStt('b', { batch: () => never() }, { maxConcurrent: 1 });
  const { house, say } = arrange(b, {}, scriptedStt('a', { batch: answers }));
  const busy = house.runner({}, () => ({ ...house.routed('segment'), candidates: [house.candidate('stt/b')] }));
  const { feed } = busy.begin(1);
  await house.speak(feed, 5);
  void feed.end(FACTS);
  await house.clock.advance(10);
  t.equal(await (await say(2)).shadow, null);
  t.equal(b.calls.length, 1);
  feed.cancel();
});

t.test('a process that ends gives up what it compares', async (t) => {
  const b = scriptedStt('b', { batch: () => never() });
  const { house, say } = arrange(b);
  const outcome = await say(1);
  await settle();
  await house.shadows.close();
  t.match(await outcome.shadow, { text: null, attempt: { outcome: 'aborted' } });
  t.equal(house.pool.usedBytes, 0);
  t.equal(await (await say(2)).shadow, null);
  t.equal(house.clock.pending, 0);
});
