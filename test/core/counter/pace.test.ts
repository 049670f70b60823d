import t from 'tap';
import { DecodePace } from '../../../core/counter/pace.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

t.test('thirty seconds at once cost nothing, what comes on top costs a quarter of its length', async (t) => {
  const pace = new DecodePace(new ManualClock());
  t.equal(pace.spend(30_000), 0);
  t.equal(pace.spend(4000), 1000);
});

t.test('whoever sends at four times real time is never held', async (t) => {
  const clock = new ManualClock();
  const pace = new DecodePace(clock);
  t.equal(pace.spend(30_000), 0);
  for (let second = 0; second < 100; second++) {
    await clock.advance(1000);
    t.equal(pace.spend(4000), 0);
  }
  t.ok(pace.spend(400) > 0, 'a tenth more is too much');
});

t.test('what was not used is saved up to the burst and no further', async (t) => {
  const clock = new ManualClock();
  const pace = new DecodePace(clock, { rate: 2, burstMs: 1000 });
  await clock.advance(3_600_000);
  t.equal(pace.spend(1000), 0);
  t.equal(pace.spend(500), 250);
  await clock.advance(250);
  t.equal(pace.spend(0), 0, 'after the rest it asked for it may go on');
});
