import t from 'tap';
import { RetryBudget } from '../../../core/runtime/retry-budget.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { FACTS, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, fault, scriptedStt } from '../../helpers/scripted-provider.ts';

function taken(budget: RetryBudget, vendor: string): number {
  let count = 0;
  while (budget.take(vendor)) count += 1;
  return count;
}

t.test('a tenth of the attempts of a minute may be retried, and five where there are few', async (t) => {
  const clock = new ManualClock();
  const budget = new RetryBudget(clock);
  t.equal(taken(budget, 'acme'), 5);
  for (let attempt = 0; attempt < 120; attempt++) budget.attempted('acme');
  t.equal(taken(budget, 'acme'), 7, 'twelve in all');
  t.equal(taken(budget, 'other'), 5, 'another vendor has its own');
});

t.test('the budget comes back with time alone: an idle minute costs nothing', async (t) => {
  const clock = new ManualClock();
  const budget = new RetryBudget(clock);
  taken(budget, 'acme');
  await clock.advance(30_000);
  t.equal(taken(budget, 'acme'), 0);
  await clock.advance(30_000);
  t.equal(taken(budget, 'acme'), 5);
  await clock.advance(3_600_000);
  t.equal(taken(budget, 'acme'), 5, 'and never piles up');
});

t.test('a vendor that is down is asked twice five times, then once: nobody’s words wait for more', async (t) => {
  const a = scriptedStt('a', { batch: () => Promise.reject(fault('server')) });
  const house = sttHouse([a, scriptedStt('b', { batch: answers })]);
  // Seven counters speak at once: none of them can have learnt of the outage yet.
  const feeds = [1, 2, 3, 4, 5, 6, 7].map((segment) => house.runner().begin(segment).feed);
  for (const feed of feeds) feed.push(new Int16Array(4800));
  const outcomes = await house.clock.until(Promise.all(feeds.map((feed) => feed.end(FACTS))));
  t.equal(a.calls.length, 7 + 5);
  t.same(new Set(outcomes.map(({ address }) => address)), new Set(['stt/b']));
});
