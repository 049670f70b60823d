import t from 'tap';
import { FACTS, said, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, echo, fault, never, scriptedStt } from '../../helpers/scripted-provider.ts';

t.test('a batch candidate gets the whole utterance at its end, and the row what it cost', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 50);
  t.equal(a.calls.length, 0, 'nothing is asked before the end of speech');
  const outcome = await house.clock.until(feed.end(FACTS));
  t.same(a.calls[0]?.pcm, said(50));
  t.equal(a.calls[0]?.sampleRateHz, 16_000);
  t.match(outcome, { status: 'answered', address: 'stt/a', vendor: 'a', lostMs: 0, costMicroUsd: 15 });
  t.match(outcome.attempts, [{ address: 'stt/a', mode: 'batch', outcome: 'answered', usage: [{ quantity: 1.5 }] }]);
  t.match(outcome.decision, { mode: 'segment', candidates: ['stt/a'] });
  t.equal(outcome.sentAtMs, 1500);
  t.equal(house.pool.usedBytes, 0, 'the memory is given back');
});

t.test('A: a batch candidate that always throws costs nobody a word', async (t) => {
  const a = scriptedStt('a', { batch: () => Promise.reject(fault('server')) });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  for (const segment of [1, 2, 3]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 10);
    const outcome = await house.clock.until(feed.end(FACTS));
    t.match(outcome, { status: 'answered', address: 'stt/b', lostMs: 0, transcript: { text: echo(said(10)) } });
  }
  t.equal(a.calls.length, 2, 'one retry, then it rests and the others are asked first');
  t.equal(b.calls.length, 3);
  t.match(house.attempts[0], { outcome: 'failed', error: { code: 'server', blame: 'vendor' } });
  t.equal(house.attempts[2]?.replayedMs, 300, 'what was given again is counted');
});

t.test('a candidate that never answers is left at 6 s and half the duration', async (t) => {
  const a = scriptedStt('a', { batch: () => never() });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 100);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.equal(outcome.address, 'stt/b');
  t.equal(outcome.attempts[0]?.durationMs, 7500);
  t.match(outcome.attempts[0]?.error, { code: 'timeout', blame: 'vendor' });
  const begun = outcome.attempts.map(({ startedAt }) => Date.parse(startedAt));
  t.equal((begun[1] ?? 0) - (begun[0] ?? 0), 7500, 'each attempt says when it began');
  t.match(outcome.attempts, [{ firstByteMs: 0 }, { firstByteMs: 0 }]);
});

t.test('an answer that comes after its deadline is dropped', async (t) => {
  const late = Promise.withResolvers<{ text: string; model: string }>();
  const a = scriptedStt('a', { batch: () => late.promise });
  const b = scriptedStt('b', { batch: () => never() }, { deadlines: { firstOutputMs: 60_000 } });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 10);
  const end = feed.end(FACTS);
  await house.clock.advance(7000);
  late.resolve({ text: 'tarde demais', model: 'modelo' });
  const outcome = await house.clock.until(end);
  t.match(outcome, { status: 'lost', transcript: null });
});

t.test('an empty answer is an answer: nobody else is asked', async (t) => {
  const a = scriptedStt('a', { batch: () => ({ text: ' ', model: 'modelo' }) });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 10);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'empty', address: 'stt/a', lostMs: 0 });
  t.equal(b.calls.length, 0);
});

t.test('with all candidates failing the utterance is lost, and how much is said', async (t) => {
  const a = scriptedStt('a', { batch: () => Promise.reject(fault('auth')) });
  const b = scriptedStt('b', { batch: () => Promise.reject(new TypeError('a bug of the plugin')) });
  const house = sttHouse([a, b]);
  const feed = house.runner({ persistMs: 60_000 }).begin(1).feed;
  await house.speak(feed, 50);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'lost', lostMs: 1500, transcript: null, address: null });
  t.match(outcome.attempts, [{ error: { code: 'auth' } }, { error: { code: 'protocol', blame: 'core' } }]);
});

t.test('an outage is sat out: the audio is kept and the candidates are gone through again', async (t) => {
  const a = scriptedStt('a', {
    batch: (audio, _signal, call) => (call < 7 ? Promise.reject(fault('connection')) : answers(audio, _signal, call)),
  });
  const house = sttHouse([a]);
  const feed = house.runner({ persistMs: 60_000 }).begin(1).feed;
  await house.speak(feed, 20);
  const outcome = await house.clock.until(feed.end(FACTS));
  t.match(outcome, { status: 'answered', lostMs: 0 });
  t.same(a.calls.at(-1)?.pcm, said(20));
});

t.test('an outage is not sat out by a session that ends', async (t) => {
  const a = scriptedStt('a', { batch: () => Promise.reject(fault('connection')) });
  const house = sttHouse([a]);
  const runner = house.runner({ persistMs: 60_000 });
  const feed = runner.begin(1).feed;
  await house.speak(feed, 20);
  runner.finish();
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'lost', lostMs: 600 });
  t.ok(house.clock.now() < 2000);
});

t.test('without a candidate nothing is lost: there was nobody to hear it', async (t) => {
  const house = sttHouse([]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 10);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'no_provider', lostMs: 0, attempts: [] });
});

t.test('a cancelled opening asks nobody and holds no memory', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 3);
  feed.cancel();
  await house.clock.advance(10_000);
  t.equal(a.calls.length, 0);
  t.equal(house.pool.usedBytes, 0);
  t.equal(runner.unanswered, 0);
});

t.test('a full credential gives the utterance to the next candidate after 1 s', async (t) => {
  const a = scriptedStt('a', { batch: () => never() }, { maxConcurrent: 1, deadlines: { firstOutputMs: 5000 } });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const runner = house.runner();
  const first = runner.begin(1).feed;
  await house.speak(first, 10);
  const firstEnd = first.end(FACTS);
  const second = runner.begin(2).feed;
  await house.speak(second, 10);
  const outcome = await house.clock.until(second.end(FACTS));
  t.equal(outcome.address, 'stt/b');
  t.match(outcome.attempts[0], { queueMs: 1000, error: { code: 'rate_limited', blame: 'core' } });
  t.equal((await house.clock.until(firstEnd)).address, 'stt/b');
  const third = runner.begin(3).feed;
  await house.speak(third, 10);
  await house.clock.until(third.end(FACTS));
});

t.test('past the bound on unanswered speech the oldest is lost, the newest is not', async (t) => {
  const slow = Promise.withResolvers<void>();
  const a = scriptedStt(
    'a',
    { batch: async (audio, signal, call) => slow.promise.then(() => answers(audio, signal, call)) },
    { deadlines: { firstOutputMs: 1_000_000 } },
  );
  const house = sttHouse([a]);
  const runner = house.runner({ maxUnansweredMs: 1000 });
  const ends = [];
  for (const segment of [1, 2]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 20);
    ends.push(feed.end(FACTS));
  }
  slow.resolve();
  const [oldest, newest] = await house.clock.until(Promise.all(ends));
  t.match(oldest, { status: 'lost', lostMs: 600 });
  t.match(newest, { status: 'answered', lostMs: 0 });
});

t.test('past the bound of the process the oldest utterance of all sessions is lost', async (t) => {
  const a = scriptedStt('a', { batch: () => never() });
  const house = sttHouse([a], { maxBytes: 3 * 16_384 });
  const one = house.runner().begin(1).feed;
  const other = house.runner().begin(1).feed;
  await house.speak(one, 30);
  await house.speak(other, 60);
  const outcome = await house.clock.until(one.end(FACTS));
  t.match(outcome, { status: 'lost', lostMs: 900 });
  t.ok(house.pool.usedBytes <= 3 * 16_384);
  other.cancel();
});

t.test('short audio is padded and the rate is the vendor’s', async (t) => {
  const a = scriptedStt('a', { batch: answers }, { minMs: 100, sampleRates: [48_000] });
  const house = sttHouse([a]);
  const feed = house.runner().begin(1).feed;
  await house.speak(feed, 2);
  await house.clock.until(feed.end(FACTS));
  t.equal(a.calls[0]?.sampleRateHz, 48_000);
  t.equal(a.calls[0]?.pcm.length, 4800);
});

t.test('utterances beyond the places in flight wait in memory and are answered', async (t) => {
  const gates: PromiseWithResolvers<void>[] = [];
  const a = scriptedStt('a', {
    batch: async (audio, signal, call) => {
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return answers(audio, signal, call);
    },
  });
  const house = sttHouse([a]);
  const runner = house.runner({ maxInFlight: 2 });
  const ends = [];
  for (const segment of [1, 2, 3]) {
    const feed = runner.begin(segment).feed;
    await house.speak(feed, 5, segment * 1000);
    ends.push(feed.end(FACTS));
  }
  await house.clock.advance(10);
  t.equal(a.calls.length, 2);
  for (let index = 0; index < 3; index++) {
    gates[index]?.resolve();
    await house.clock.advance(10);
  }
  const outcomes = await house.clock.until(Promise.all(ends));
  t.same(
    outcomes.map((outcome) => outcome.transcript?.text),
    [1, 2, 3].map((segment) => echo(said(5, segment * 1000))),
  );
});

t.test('close answers what is under way and loses what does not come within its bound', async (t) => {
  const a = scriptedStt('a', { batch: () => never() }, { deadlines: { firstOutputMs: 1_000_000 } });
  const house = sttHouse([a]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 10);
  const end = feed.end(FACTS);
  await house.clock.until(runner.close());
  t.match(await end, { status: 'lost', lostMs: 300 });
  t.equal(house.pool.usedBytes, 0);
});
