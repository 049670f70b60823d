import t from 'tap';
import { Resampler } from '../../../core/runtime/resampler.ts';
import { FACTS, said, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, echo, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

t.test('a stream hears speech while it goes on and its finals become one text', async (t) => {
  const a = scriptedStt('a', {
    stream: {
      push: (stream) => {
        stream.say({ type: 'partial', text: 'bom' });
        if (stream.chunks.length === 5) stream.say({ type: 'final', text: 'bom dia', confidence: 0.8 });
      },
      finalize: (stream, marker) => {
        const words = [{ text: 'tudo', startMs: 800, endMs: 900 }];
        stream.say({ type: 'final', text: ' tudo bem ', confidence: 0.6, words, model: 'm', requestId: 'r' });
        stream.say({ type: 'done', marker });
      },
    },
  });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 35);
  t.ok(house.partials.length > 5, 'partials come while speech goes on');
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'answered', address: 'stt/a', lostMs: 0, transcript: { text: 'bom dia tudo bem' } });
  t.match(outcome.transcript, { confidence: 0.7, requestId: 'r', words: [{ text: 'tudo', startMs: 800 }] });
  t.same(Int16Array.from(a.streams[0]?.heard ?? []), said(35), 'each sample once, in order');
  t.same(new Set(a.streams[0]?.chunks.slice(0, -1)), new Set([1440]), 'frames are joined to 90 ms');
  t.match(outcome.attempts, [{ mode: 'stream', outcome: 'answered', usage: [{ quantity: 1.05, unit: 'second' }] }]);
  t.ok(house.partials.some((partial) => partial.text === 'bom dia bom'));
  t.equal(house.pool.usedBytes, 0);
});

t.test('one stream serves the session, and is closed when the counter is quiet', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const house = sttHouse([a]);
  const runner = house.runner();
  for (const segment of [1, 2, 3]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 20, segment * 100);
    const outcome = await house.clock.until(feed.end(FACTS));
    t.equal(outcome.transcript?.text, echo(said(20, segment * 100)));
  }
  t.equal(a.streams.length, 1);
  await house.clock.advance(14_000);
  t.notOk(a.streams[0]?.isClosed);
  await house.clock.advance(1100);
  t.ok(a.streams[0]?.isClosed);
  t.equal(house.clock.pending, 0, 'no timer is left behind');
});

t.test('a stream billed by session is closed at once and billed by its time', async (t) => {
  const a = scriptedStt('a', { stream: streams }, { billing: 'session' });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 20);
  const outcome = await house.clock.until(feed.end(FACTS));
  await house.clock.advance(0);
  t.ok(a.streams[0]?.isClosed);
  t.match(outcome.attempts[0]?.usage, [{ quantity: 0.6 }]);
});

t.test('a stream is renewed before its session ends, at an utterance boundary', async (t) => {
  const a = scriptedStt('a', { stream: streams }, { maxSessionMs: 4000 });
  const house = sttHouse([a]);
  const runner = house.runner();
  for (const segment of [1, 2]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 105);
    t.equal((await house.clock.until(feed.end(FACTS))).status, 'answered');
  }
  t.equal(a.streams.length, 2);
  t.ok(a.streams[0]?.isClosed);
});

t.test('an utterance may begin while the one before it is being answered', async (t) => {
  const a = scriptedStt('a', { stream: { push: (stream) => stream.say({ type: 'partial', text: '…' }) } });
  const house = sttHouse([a]);
  const runner = house.runner();
  const first = runner.begin(1).feed;
  await house.speak(first, 10);
  const firstEnd = first.end(FACTS);
  const second = runner.begin(2).feed;
  await house.speak(second, 10, 5000);
  const stream = a.streams[0];
  t.equal(a.streams.length, 1);
  stream?.say({ type: 'final', text: 'primeira' });
  stream?.say({ type: 'done', marker: stream.markers[0] ?? 0 });
  const secondEnd = second.end(FACTS);
  await house.clock.advance(100);
  stream?.say({ type: 'final', text: 'segunda' });
  stream?.say({ type: 'done', marker: stream.markers[1] ?? 0 });
  t.equal((await house.clock.until(firstEnd)).transcript?.text, 'primeira');
  t.equal((await house.clock.until(secondEnd)).transcript?.text, 'segunda');
  t.same(Int16Array.from(stream?.utterance(0) ?? []), said(10));
  t.same(Int16Array.from(stream?.utterance(1) ?? []), said(10, 5000));
});

t.test('word times count the utterance, not the stream', async (t) => {
  const a = scriptedStt('a', {
    stream: {
      finalize: (stream, marker) => {
        const endMs = stream.heard.length / 16;
        stream.say({ type: 'final', text: 'oi', words: [{ text: 'oi', startMs: endMs - 100, endMs }] });
        stream.say({ type: 'done', marker });
      },
    },
  });
  const house = sttHouse([a]);
  const runner = house.runner();
  for (const segment of [1, 2]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 20);
    const { transcript } = await house.clock.until(feed.end(FACTS));
    t.same(transcript?.words, [{ text: 'oi', startMs: 500, endMs: 600 }]);
  }
});

t.test('a stream that answers an utterance with nothing has answered it', async (t) => {
  const a = scriptedStt('a', { stream: { finalize: (stream, marker) => stream.say({ type: 'done', marker }) } });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 20);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'empty', address: 'stt/a' });
  t.equal(b.calls.length, 0);
});

t.test('F: closing with an utterance open throws nothing and answers it', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const house = sttHouse([a]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 20);
  await house.clock.until(runner.close());
  t.match(await feed.end(FACTS), { status: 'answered', lostMs: 0 });
  t.ok(a.streams[0]?.isClosed);
  t.equal(house.clock.pending, 0);
});

t.test('a cancelled utterance leaves the stream clean for the next', async (t) => {
  const a = scriptedStt('a', { stream: streams });
  const house = sttHouse([a]);
  const runner = house.runner();
  const noise = runner.begin(1).feed;
  await house.speak(noise, 10, 30_000);
  noise.cancel();
  const feed = runner.begin(2).feed;
  await house.speak(feed, 20);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.transcript?.text, echo(said(20)));
  t.equal(a.streams.length, 1);
});

t.test('finalize none: one stream per utterance, its close is the answer', async (t) => {
  const a = scriptedStt(
    'a',
    { stream: { close: (stream) => stream.say({ type: 'final', text: echo(stream.heard) }) } },
    { finalize: 'none', interim: false },
  );
  const house = sttHouse([a]);
  const runner = house.runner();
  for (const segment of [1, 2]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 20, segment);
    t.equal((await house.clock.until(feed.end(FACTS))).transcript?.text, echo(said(20, segment)));
  }
  t.equal(a.streams.length, 2);
});

t.test('another rate is resampled, chunk by chunk, without a sample of delay', async (t) => {
  // Its code loads in real time, which the manual clock does not wait for.
  (await Resampler.create(16_000, 8000)).close();
  const a = scriptedStt('a', { stream: streams }, { sampleRates: [8000] });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 40);
  const outcome = await house.clock.until(feed.end(FACTS));
  const heard = a.streams[0]?.heard ?? [];
  t.equal(outcome.status, 'answered');
  t.equal(a.streams[0]?.options.sampleRateHz, 8000);
  t.ok(Math.abs(heard.length - 9600) <= 2, `${heard.length} samples at 8 kHz`);
  t.ok(Math.abs((heard[4000] ?? 0) - 8000) < 20, 'sample n of 8 kHz is sample 2n of 16 kHz');
});
