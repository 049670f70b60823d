import t from 'tap';
import { FACTS, said, sttHouse } from '../../helpers/runtime-house.ts';
import {
  answers,
  echo,
  fault,
  never,
  type StreamScript,
  scriptedStt,
  streams,
} from '../../helpers/scripted-provider.ts';

/** Dies when it has heard so many samples. */
function dyingAt(samples: number, word?: string): StreamScript {
  return {
    push: (stream) => {
      if (word !== undefined) stream.say({ type: 'partial', text: word });
      if (stream.heard.length >= samples) stream.end(fault('connection'));
    },
  };
}

t.test('a replay does not wait behind speech that is still going on', async (t) => {
  const a = scriptedStt('a', { batch: () => never() });
  const b = scriptedStt('b', { stream: streams });
  const house = sttHouse([a, b]);
  const runner = house.runner({}, () => house.routed('stream'));
  const replayed = runner.begin(1).feed;
  await house.speak(replayed, 20);
  const replayedEnd = replayed.end(FACTS);
  house.health.failed(house.candidate('stt/a'), fault('server'));
  const live = runner.begin(2).feed;
  await house.speak(live, 250, 7);
  t.equal(
    (await house.clock.until(replayedEnd, 0)).transcript?.text,
    echo(said(20)),
    'answered while the other one speaks',
  );
  t.equal((await house.clock.until(live.end(FACTS))).transcript?.text, echo(said(250, 7)));
  t.equal(b.streams.length, 2);
});

t.test('B: a stream dies at frame 50 of 100 and the batch candidate hears all 100', async (t) => {
  const a = scriptedStt('a', { stream: dyingAt(50 * 480, 'meia') });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 100);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'answered', address: 'stt/b', lostMs: 0 });
  t.same(b.calls[0]?.pcm, said(100));
  t.equal(a.streams.length, 1, 'it had spoken: no retry on the same one');
  t.match(outcome.attempts[0], { outcome: 'failed', error: { code: 'connection', blame: 'network' } });
  t.equal(outcome.attempts[1]?.replayedMs, 1530, 'all that was sent before it died, to the chunk');
  const next = runner.begin(2).feed;
  await house.speak(next, 10);
  t.equal((await house.clock.until(next.end(FACTS))).address, 'stt/b', 'the one that failed rests');
  t.equal(a.streams.length, 1);
});

t.test('B: … and another stream hears all 100 as well, while they are being spoken', async (t) => {
  const a = scriptedStt('a', { stream: dyingAt(50 * 480, 'meia') });
  const b = scriptedStt('b', { stream: streams });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 60);
  t.ok((b.streams[0]?.heard.length ?? 0) > 55 * 480, 'replayed at once, not at the end');
  await house.speak(feed, 40, 60 * 480);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.transcript?.text, echo(said(100)));
  t.same(Int16Array.from(b.streams[0]?.heard ?? []), said(100));
});

t.test('C: a stream that accepts audio and says nothing is left after 6 s of speech', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const b = scriptedStt('b', { stream: streams });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 210);
  t.equal(b.streams.length, 1, 'the next one took over while speech went on');
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'answered', address: 'stt/b', lostMs: 0 });
  t.same(Int16Array.from(b.streams[0]?.heard ?? []), said(210));
  t.ok(a.streams[0]?.signal.aborted, 'its socket is dropped');
  const next = runner.begin(2).feed;
  await house.speak(next, 10);
  t.equal(
    (await house.clock.until(next.end(FACTS))).address,
    'stt/b',
    'somebody heard words: the silent one is at fault',
  );
  t.equal(a.streams.length, 1);
});

t.test('C: silent after the end of speech: the next candidate is asked after 2.5 s', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 40);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.address, 'stt/b');
  t.equal((outcome.sentAtMs ?? 0) - 1200, 2500);
  t.same(b.calls[0]?.pcm, said(40));
});

t.test('silence is no fault when the next candidate hears nothing either', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const b = scriptedStt('b', { batch: () => ({ text: '', model: 'modelo' }) });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  for (const segment of [1, 2]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 10);
    t.match(await house.clock.until(feed.end(FACTS)), { status: 'empty', address: 'stt/b' });
  }
  t.equal(a.streams.length, 2, 'it is asked again');
});

t.test('D: the retry on the same candidate hears everything from the first frame', async (t) => {
  const a = scriptedStt('a', {
    stream: { ...streams, push: (stream) => stream.number === 1 && dyingAt(50 * 480).push?.(stream, new Int16Array()) },
  });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 100);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'answered', lostMs: 0, transcript: { text: echo(said(100)) } });
  t.same(Int16Array.from(a.streams[1]?.heard ?? []), said(100));
});

t.test('E: five sessions learn of an outage once', async (t) => {
  let refused = 0;
  const a = scriptedStt('a', {
    stream: {
      open: async () => {
        refused += 1;
        throw fault('auth');
      },
    },
  });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  for (let session = 0; session < 5; session++) {
    const feed = house.runner().begin(1).feed;
    await house.speak(feed, 10);
    t.equal((await house.clock.until(feed.end(FACTS))).address, 'stt/b');
  }
  t.equal(refused, 1);
});

t.test('a stream that cannot be opened in 3 s is left; its late opening is closed', async (t) => {
  const gate = Promise.withResolvers<void>();
  const a = scriptedStt('a', { stream: { open: () => gate.promise } });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 20);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.address, 'stt/b');
  t.match(outcome.attempts[0], { error: { code: 'timeout', blame: 'network' }, durationMs: 3000 });
  t.equal(outcome.sentAtMs, 3000);
  gate.resolve();
  await house.clock.advance(100);
  t.ok(a.streams[0]?.isClosed);
  t.same(a.streams[0]?.heard, []);
});

t.test('what an abandoned stream still says is dropped', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const b = scriptedStt('b', { stream: streams });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 215);
  a.streams[0]?.say({ type: 'partial', text: 'tarde' });
  a.streams[0]?.say({ type: 'final', text: 'tarde' });
  a.streams[0]?.say({ type: 'done', marker: a.streams[0].markers[0] ?? 1 });
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.transcript?.text, echo(said(215)));
  t.notOk(house.partials.some((partial) => partial.text.includes('tarde')));
});

t.test('a backlog goes to a batch candidate before a stream that wants real time', async (t) => {
  const a = scriptedStt('a', { stream: dyingAt(100 * 480, 'oi') });
  const b = scriptedStt('b', { stream: streams }, { pushRate: 'realtime' });
  const c = scriptedStt('c', { batch: answers });
  const house = sttHouse([a, b, c]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 110);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.address, 'stt/c');
  t.equal(b.streams.length, 0);
});

t.test('a stream that wants real time is never fed faster', async (t) => {
  const a = scriptedStt('a', { stream: dyingAt(40 * 480, 'oi') });
  const at: number[] = [];
  const house = sttHouse([
    a,
    scriptedStt('b', { stream: { ...streams, push: () => at.push(house.clock.now()) } }, { pushRate: 'realtime' }),
  ]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 60);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.transcript?.text, echo(said(60)));
  const first = at[0] ?? 0;
  for (const [index, ms] of at.entries()) t.ok(index * 90 <= ms - first + 500, `chunk ${index} is not early`);
});

t.test('a plugin that throws in push costs its own attempt only', async (t) => {
  const a = scriptedStt('a', {
    stream: {
      push: () => {
        throw new RangeError('a bug of the plugin');
      },
    },
  });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 20);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.address, 'stt/b');
  t.match(outcome.attempts[0]?.error, { code: 'protocol', blame: 'core', vendorCode: 'RangeError' });
});

t.test('a stream whose close hangs holds nobody up', async (t) => {
  const a = scriptedStt('a', { stream: { ...streams, close: () => never() } });
  const house = sttHouse([a]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 20);
  await house.clock.until(feed.end(FACTS));
  await house.clock.until(runner.close(), 5000);
  t.ok(a.streams[0]?.signal.aborted);
});
