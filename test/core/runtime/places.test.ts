import t from 'tap';
import { Places } from '../../../core/runtime/places.ts';
import { ManualClock, settle } from '../../helpers/manual-clock.ts';

const signal = () => new AbortController().signal;

t.test('places are given in the order they were asked for, and come back once', async (t) => {
  const clock = new ManualClock();
  const places = new Places(clock, 1);
  const order: number[] = [];
  const leave = await places.take(0, signal());
  const waiting = [1, 2].map((number) =>
    places.take(1000, signal()).then((release) => {
      order.push(number);
      return release;
    }),
  );
  leave?.();
  leave?.();
  await settle();
  t.same(order, [1]);
  t.equal(places.taken, 1);
  (await waiting[0])?.();
  t.ok(await waiting[1]);
  t.equal(clock.pending, 0, 'nobody waits any more');
});

t.test('whoever has waited too long or is gone gets none and leaves no trace', async (t) => {
  const clock = new ManualClock();
  const places = new Places(clock, 1);
  const leave = await places.take(0, signal());
  const late = places.take(1000, signal());
  const gone = new AbortController();
  const aborted = places.take(5000, gone.signal);
  gone.abort();
  t.equal(await aborted, null);
  t.equal(await clock.until(late), null);
  t.equal(await places.take(5000, gone.signal), null);
  leave?.();
  t.equal(places.taken, 0);
  t.equal(clock.pending, 0);
});

t.test('a raised limit lets those in who wait', async (t) => {
  const places = new Places(new ManualClock(), 1);
  await places.take(0, signal());
  const second = places.take(Number.POSITIVE_INFINITY, signal());
  places.max = 2;
  t.ok(await second);
});
