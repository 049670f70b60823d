import t from 'tap';
import { RequestLimits } from '../../../core/counter/request-limits.ts';
import type { Limits } from '../../../core/routing/types.ts';
import { DatabaseRates, MemoryRates, type RateCounter } from '../../../core/store/rate-counter.ts';
import { RedisRates } from '../../../core/store/redis-rates.ts';
import { forEachDatabase } from '../../helpers/databases.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';
import { hasRedis, startRedis } from '../../helpers/redis-server.ts';

/** Limits over a counter, on a clock that begins with a minute, an hour and (UTC) a half day. */
function limitsOver(counter: RateCounter, clock: ManualClock, requests: Limits['requests'] = { admin: { minute: 3 } }) {
  const log = keptLog();
  const limits: { requests: Limits['requests'] } = { requests };
  const own = new RequestLimits({ counter, limitsOf: () => limits as Limits, clock, log });
  const take = (client: string, group: 'admin' | 'data' = 'admin') =>
    own.take({ key: client, clientId: client }, group);
  const passed = async (client: string, times: number) => {
    let count = 0;
    for (let each = 0; each < times; each++) if ((await take(client)).allowed) count++;
    return count;
  };
  return { take, passed, log, limits };
}

t.test('so many a minute, and what is left is said', async (t) => {
  const clock = new ManualClock();
  const { take, passed, limits } = limitsOver(new MemoryRates(), clock);
  await clock.advance(20_000);
  t.same(await take('a'), { allowed: true, limit: 3, remaining: 2, resetS: 40 });
  await take('a');
  t.same(await take('a'), { allowed: true, limit: 3, remaining: 0, resetS: 40 });
  t.same(await take('a'), { allowed: false, limit: 3, remaining: 0, resetS: 40 });
  t.same(await take('a', 'data'), { allowed: true, limit: null, remaining: 0, resetS: 0 }, 'another group');
  t.equal(await passed('b', 5), 3, 'another client has its own');
  await clock.advance(40_000);
  t.equal((await take('a')).allowed, true, 'a new minute');
  t.equal(await passed('a', 5), 2);
  limits.requests = { admin: { minute: 10 } };
  t.equal(await passed('a', 20), 6, 'a larger limit is in force at once, also for who was over the old one');
  limits.requests = {};
  t.equal(await passed('a', 20), 20);
});

t.test('minute, hour and day hold together; the one that lasts is said', async (t) => {
  const clock = new ManualClock();
  const { take, passed } = limitsOver(new MemoryRates(), clock, { admin: { minute: 2, hour: 5, day: 6 } });
  t.match(await take('a'), { allowed: true, limit: 2, remaining: 1 });
  t.equal(await passed('a', 5), 1);
  await clock.advance(60_000);
  t.equal(await passed('a', 2), 2);
  await clock.advance(60_000);
  t.match(await take('a'), { allowed: false, limit: 5, resetS: 3480 }, 'the hour is used up');
  await clock.advance(3_600_000);
  t.match(await take('a'), { allowed: false, limit: 6 }, 'and then the day');
});

t.test('who is over a limit costs nobody a question, and another client none of its requests', async (t) => {
  const clock = new ManualClock();
  const asked = new Map<string, number>();
  const memory = new MemoryRates();
  const counting: RateCounter = {
    hit(windows) {
      const client = windows[0]?.key.split('/').at(-1) ?? '';
      asked.set(client, (asked.get(client) ?? 0) + 1);
      return memory.hit(windows);
    },
    close: async () => {},
  };
  const { take } = limitsOver(counting, clock, { admin: { minute: 50 } });
  const both = await Promise.all(
    Array.from({ length: 1000 }, (_, index) =>
      take(index % 20 === 0 ? 'quiet' : 'loud').then(({ allowed }) => [index % 20 === 0, allowed]),
    ),
  );
  t.equal(both.filter(([isQuiet, allowed]) => isQuiet && allowed).length, 50);
  t.equal(both.filter(([isQuiet, allowed]) => !isQuiet && allowed).length, 50);
  const before = asked.get('loud') ?? 0;
  for (let times = 0; times < 1000; times++) await take('loud');
  t.equal(asked.get('loud'), before);
});

t.test('processes share what they count, in the database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const clock = new ManualClock();
    const one = limitsOver(new DatabaseRates(store.db, clock), clock, { admin: { minute: 10, hour: 100 } });
    const two = limitsOver(new DatabaseRates(store.db, clock), clock, { admin: { minute: 10, hour: 100 } });
    const counts = await Promise.all([one.passed('a', 12), two.passed('a', 12), two.passed('b', 4)]);
    t.same([(counts[0] ?? 0) + (counts[1] ?? 0), counts[2]], [10, 4]);
    await clock.advance(60_000);
    t.equal(await two.passed('a', 12), 10);
    t.equal(one.log.lines.length + two.log.lines.length, 0);
    await clock.advance(7_200_000);
    await one.take('c');
    const left = await store.db.kysely.selectFrom('rate_windows').select('key').execute();
    t.ok(left.length > 0 && left.every(({ key }) => key.endsWith('/c')), 'what is over is cleared away');
  }),
);

t.test(
  'processes share what they count, in Redis; without it each counts alone',
  { skip: hasRedis ? false : 'no redis-server' },
  async (t) => {
    const redis = await startRedis(t);
    const clock = new ManualClock();
    const open = () => {
      const log = keptLog();
      const rates = new RedisRates(redis.url, clock, log);
      t.teardown(() => rates.close());
      return rates;
    };
    const [a, b] = [open(), open()];
    const ready = async (rates: RateCounter) => {
      for (;;) {
        const found = await rates
          .hit([{ key: 'ready', endsAt: new Date(clock.date().getTime() + 1000) }])
          .catch(() => null);
        if (found) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await Promise.all([ready(a), ready(b)]);
    const one = limitsOver(a, clock, { admin: { minute: 10, hour: 100 } });
    const two = limitsOver(b, clock, { admin: { minute: 10, hour: 100 } });
    const counts = await Promise.all([one.passed('a', 12), two.passed('a', 12)]);
    t.equal((counts[0] ?? 0) + (counts[1] ?? 0), 10);
    await redis.stop();
    t.equal(await one.passed('x', 12), 10, 'each process for itself');
    t.equal(await two.passed('x', 12), 10);
    t.equal(one.log.lines.length, 1, 'said once');
    await redis.start();
    await Promise.all([ready(a), ready(b)]);
    await clock.advance(60_000);
    const again = await Promise.all([one.passed('a', 12), two.passed('a', 12)]);
    t.equal((again[0] ?? 0) + (again[1] ?? 0), 10, 'and together again');
  },
);
