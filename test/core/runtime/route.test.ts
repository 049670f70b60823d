import t from 'tap';
import type { UtteranceFacts } from '../../../core/runtime/types.ts';
import { FACTS, said, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, fault, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

t.test('a segment is decided at its end, by what it was, and heard from its first sample on', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const asked: (UtteranceFacts | null)[] = [];
  const runner = house.runner({}, (facts) => {
    asked.push(facts);
    const { decision } = house.routed('segment');
    // Nothing is known at the start that any rule could go by.
    if (!facts) return { decision: { ...decision, rule: 'início', candidates: [] }, candidates: [] };
    return { decision: { ...decision, rule: 'longas', mode: 'stream' }, candidates: [house.candidate('stt/b')] };
  });
  const { mode, feed } = runner.begin(1);
  t.equal(mode, 'segment');
  await house.speak(feed, 50);
  const outcome = await house.clock.until(feed.end({ durationMs: 1500, snrDb: 12, class: 'fala' }));
  t.same(asked, [null, { durationMs: 1500, snrDb: 12, class: 'fala' }]);
  t.same(b.calls[0]?.pcm, said(50));
  t.equal(a.calls.length, 0);
  t.match(outcome, { status: 'answered', address: 'stt/b', decision: { rule: 'longas', mode: 'segment' } });
});

t.test('a streamed utterance keeps the candidates of its start', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const house = sttHouse([a]);
  const asked: (UtteranceFacts | null)[] = [];
  const runner = house.runner({}, (facts) => {
    asked.push(facts);
    return house.routed();
  });
  const { mode, feed } = runner.begin(1);
  t.equal(mode, 'stream');
  await house.speak(feed, 20);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'answered', address: 'stt/a' });
  t.same(asked, [null]);
});

t.test('a rule that throws at the end leaves the candidates of the start', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const runner = house.runner({}, (facts) => {
    if (facts) throw fault('server');
    return house.routed();
  });
  const { feed } = runner.begin(1);
  await house.speak(feed, 20);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'answered', address: 'stt/a' });
  t.match(house.log.lines.join('\n'), /could not be routed at its end/);
});

t.test('a session that ends in mid-utterance routes it by its length', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const asked: (UtteranceFacts | null)[] = [];
  const runner = house.runner({}, (facts) => {
    asked.push(facts);
    return house.routed();
  });
  await house.speak(runner.begin(1).feed, 20);
  await house.clock.until(runner.close());
  t.same(asked, [null, { durationMs: 600, snrDb: null, class: null }]);
  t.same(a.calls[0]?.pcm, said(20));
});
