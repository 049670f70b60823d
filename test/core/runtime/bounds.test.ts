import t from 'tap';
import { FACTS, FRAME, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, never, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

const PATIENT = { deadlines: { firstOutputMs: 10_000_000 } };

t.test('four utterances of a counter are at vendors at once', async (t) => {
  const a = scriptedStt('a', { batch: () => never() }, PATIENT);
  const house = sttHouse([a]);
  const runner = house.runner();
  for (let segment = 1; segment <= 6; segment++) {
    const { feed } = runner.begin(segment);
    feed.push(new Int16Array(FRAME));
    void feed.end(FACTS);
  }
  await house.clock.advance(1000);
  t.equal(a.calls.length, 4);
  t.equal(runner.unanswered, 6, 'the others wait in memory');
  await house.clock.until(runner.close());
  t.equal(house.pool.usedBytes, 0);
});

t.test('300 s of unanswered speech are kept for a counter, and not a frame more', async (t) => {
  const house = sttHouse([scriptedStt('a', { batch: () => never() }, PATIENT)]);
  const runner = house.runner();
  const ends = [];
  for (let segment = 1; segment <= 10; segment++) {
    const { feed } = runner.begin(segment);
    for (let frame = 0; frame < 1000; frame++) feed.push(new Int16Array(FRAME));
    ends.push(feed.end(FACTS));
  }
  await house.clock.advance(10);
  t.equal(runner.unanswered, 10, '300.0 s');
  const { feed } = runner.begin(11);
  feed.push(new Int16Array(FRAME));
  t.match(await house.clock.until(ends[0] ?? never()), { status: 'lost', lostMs: 30_000 });
  t.equal(runner.unanswered, 10, 'the oldest only');
  t.equal(house.log.lines.filter((line) => line.includes('a bound on unanswered audio')).length, 1, 'said once');
  await house.clock.until(runner.close());
});

t.test('with nobody behind it, an utterance waits ten times as long for a place', async (t) => {
  const first = Promise.withResolvers<void>();
  const a = scriptedStt(
    'a',
    { batch: (...call) => (call[2] === 1 ? first.promise.then(() => answers(...call)) : answers(...call)) },
    { maxConcurrent: 1, deadlines: { firstOutputMs: 60_000 } },
  );
  const house = sttHouse([a]);
  const runner = house.runner();
  for (const segment of [1, 2]) {
    const { feed } = runner.begin(segment);
    await house.speak(feed, 5);
    if (segment === 1) void feed.end(FACTS);
    else {
      const end = feed.end(FACTS);
      await house.clock.advance(9000);
      first.resolve();
      const outcome = await house.clock.until(end);
      t.match(outcome, { status: 'answered', lostMs: 0, attempts: [{ queueMs: 9000, outcome: 'answered' }] });
    }
  }
});

t.test('a stream that wants real time is asked first while there is no backlog', async (t) => {
  const a = scriptedStt('a', { stream: streams }, { pushRate: 'realtime' });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  const { feed } = house.runner().begin(1);
  await house.speak(feed, 60);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'answered', address: 'stt/a' });
  t.equal(b.calls.length, 0);
});
