import t from 'tap';
import { settle } from '../../helpers/manual-clock.ts';
import { FACTS, said, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, echo, fault, type StreamScript, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

/** Says a word at each push and never finishes. */
const talkative: StreamScript = { push: (stream) => stream.say({ type: 'partial', text: 'oi' }) };

t.test('what an abandoned stream says later changes nothing', async (t) => {
  const a = scriptedStt('a', { stream: talkative });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  const { feed } = runner.begin(1);
  await house.speak(feed, 20);
  const end = feed.end(FACTS);
  await house.clock.advance(2000);
  const stream = a.streams[0];
  stream?.say({ type: 'final', text: 'tarde demais' });
  stream?.say({ type: 'done', marker: 1 });
  stream?.say({ type: 'usage', usage: [{ unit: 'second', quantity: 99, of: 'audio_in', model: 'm' }] });
  const outcome = await house.clock.until(end);
  t.match(outcome, { address: 'stt/b', transcript: { text: echo(said(20)) } });
  t.equal(outcome.costMicroUsd, 12, 'what each was given, once');
  const partials = house.partials.length;
  stream?.say({ type: 'partial', text: 'ainda' });
  await settle();
  t.equal(house.partials.length, partials);
});

t.test('a stream that answers a long backlog piece by piece is given time for each', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const { feed } = house.runner().begin(1);
  await house.speak(feed, 20);
  const end = feed.end(FACTS);
  for (const text of ['um', 'dois', 'três']) {
    await house.clock.advance(1900);
    a.streams[0]?.say({ type: 'final', text });
  }
  await house.clock.advance(1900);
  a.streams[0]?.say({ type: 'done', marker: 1 });
  t.match(await house.clock.until(end), { address: 'stt/a', transcript: { text: 'um dois três' } });
});

t.test('a backlog that came all at once gives the vendor half its length more', async (t) => {
  const run = async (answersAfterMs: number) => {
    const a = scriptedStt('a', { stream: { push: (stream) => stream.end(fault('protocol')) } });
    const b = scriptedStt('b', {
      stream: {
        finalize: (stream, marker) =>
          void house.clock.after(answersAfterMs, () => stream.say({ type: 'done', marker })),
      },
    });
    const c = scriptedStt('c', { batch: answers });
    const house = sttHouse([a, b, c]);
    const { feed } = house.runner({ backlogMs: 60_000 }).begin(1);
    for (let frame = 0; frame < 400; frame++) feed.push(new Int16Array(480));
    return (await house.clock.until(feed.end(FACTS))).address;
  };
  // 12 s at once: 2.5 s and half of what is beyond the usual 2 s.
  t.equal(await run(7400), 'stt/b');
  t.equal(await run(7600), 'stt/c');
});

t.test('nobody spoke, so nothing was said: that is no stall', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const { feed } = house.runner().begin(1);
  await house.speak(feed, 10);
  await house.clock.advance(20_000);
  await house.speak(feed, 10, 4800);
  t.match(await house.clock.until(feed.end(FACTS)), { address: 'stt/a', transcript: { text: echo(said(20)) } });
});

t.test('an opening that is cancelled before the stream is there costs the vendor nothing', async (t) => {
  const gate = Promise.withResolvers<void>();
  const a = scriptedStt('a', { stream: { ...streams, open: () => gate.promise } });
  const house = sttHouse([a]);
  const runner = house.runner();
  const noise = runner.begin(1).feed;
  await house.speak(noise, 5);
  noise.cancel();
  const { feed } = runner.begin(2);
  gate.resolve();
  await house.speak(feed, 20);
  t.equal((await house.clock.until(feed.end(FACTS))).transcript?.text, echo(said(20)));
  t.same(
    a.streams.map(({ markers }) => markers.length),
    [1],
  );
});

t.test('a stream opened under other settings takes no further utterance', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const house = sttHouse([a]);
  const runner = house.runner({}, () => house.routed());
  for (const segment of [1, 2]) {
    const { feed } = runner.begin(segment);
    await house.speak(feed, 10);
    t.equal((await house.clock.until(feed.end(FACTS))).status, 'answered');
    const [configured] = house.configured;
    if (configured) house.configured[0] = { ...configured, settings: { model: 'outro' } };
  }
  t.equal(a.streams.length, 2);
  t.ok(a.streams[0]?.isClosed);
  t.notOk(a.streams[1]?.isClosed);
  await house.clock.until(runner.close());
});
