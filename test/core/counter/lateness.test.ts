import fc from 'fast-check';
import t from 'tap';
import { GuessLimit } from '../../../core/counter/guess-limit.ts';
import { Lateness } from '../../../core/counter/lateness.ts';

const STEP_MS = 100;

/** Plays what a device kept for `awayMs` at `rate` times the speed of speech; how late it was, step by step. */
function comeBack(lateness: Lateness, { awayMs, rate }: { awayMs: number; rate: number }): number[] {
  const brokeAt = 50_000;
  lateness.broke(brokeAt, 20_000);
  const late: number[] = [];
  let position = 20_000;
  for (let wall = brokeAt + awayMs; late.length < 3000; wall += STEP_MS) {
    const said = 20_000 + (wall - brokeAt);
    position = Math.min(said, position + STEP_MS * rate);
    lateness.heard(wall, position);
    late.push(lateness.behindMs);
    if (position >= said) break;
  }
  return late;
}

t.test('what was kept is late by as much as it waited, less and less, until the device has caught up', async () => {
  const away = fc.integer({ min: 2000, max: 60_000 });
  fc.assert(
    fc.property(away, fc.constantFrom(2, 3, 4, 8), (awayMs, rate) => {
      const late = comeBack(new Lateness(), { awayMs, rate });
      const falls = late.every((each, index) => index === 0 || each <= (late[index - 1] ?? 0));
      const first = late[0] ?? 0;
      return falls && first <= awayMs && first >= awayMs - STEP_MS * rate && late.at(-1) === 0;
    }),
  );
});

t.test('who kept nothing is late for two seconds at most', async (t) => {
  const lateness = new Lateness();
  lateness.broke(10_000, 5000);
  const late: number[] = [];
  for (let ms = 0; ms <= 4000; ms += STEP_MS) {
    lateness.heard(20_000 + ms, 5000 + ms);
    late.push(lateness.behindMs);
  }
  t.equal(late[0], 10_000, 'nobody can know yet');
  t.equal(late[20], 0, 'sound that comes as fast as speech is said now');
  t.ok(late.slice(20).every((each) => each === 0));
});

t.test('nobody is late before a connection broke, however slow the clock', async () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(5000))), (steps) => {
      const lateness = new Lateness();
      let [wall, position] = [0, 0];
      return steps.every(([more, heard]) => {
        wall += more;
        position += heard;
        lateness.heard(wall, position);
        return lateness.behindMs === 0;
      });
    }),
  );
});

t.test('a second break is measured against the first, until all is caught up', async (t) => {
  const lateness = new Lateness();
  lateness.broke(10_000, 5000);
  lateness.heard(20_000, 5400);
  lateness.broke(20_100, 5500);
  t.equal(lateness.lagMs(30_000, 6000), 5000);
  lateness.heard(30_000, 6000);
  t.equal(lateness.behindMs, 19_000);
});

t.test('ten wrong tokens in a minute, then none is looked up, of this counter alone', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ after: fc.nat(5000), counter: fc.constantFrom('a', 'b') }), {
        minLength: 30,
        maxLength: 60,
      }),
      (guesses) => {
        let now = 0;
        const limit = new GuessLimit({ now: () => now });
        const windows = new Map<string, { since: number; count: number }>();
        return guesses.every(({ after, counter }) => {
          now += after;
          const open = windows.get(counter);
          const isOver = !open || now - open.since >= 60_000;
          const allowed = isOver || open.count < 10;
          if (limit.allows(counter) !== allowed) return false;
          limit.failed(counter);
          windows.set(counter, isOver ? { since: now, count: 1 } : { since: open.since, count: open.count + 1 });
          return true;
        });
      },
    ),
    { numRuns: 300 },
  );
});

t.test('ten thousand counters are remembered, the oldest is forgotten first', async (t) => {
  const limit = new GuessLimit({ now: () => 0 });
  const fail = (counter: string) => Array.from({ length: 10 }, () => limit.failed(counter));
  fail('oldest');
  for (let index = 1; index < 10_000; index++) limit.failed(`c${index}`);
  t.notOk(limit.allows('oldest'));
  limit.failed('one more');
  t.ok(limit.allows('oldest'));
});
