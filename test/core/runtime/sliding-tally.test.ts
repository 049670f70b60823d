import fc from 'fast-check';
import t from 'tap';
import { SlidingTally } from '../../../core/runtime/sliding-tally.ts';

const SPAN_MS = 30_000;
const SLOT_MS = 1000;

const happenings = fc.array(
  fc.record({ afterMs: fc.oneof(fc.nat(900), fc.nat(40_000)), total: fc.nat(3), marked: fc.nat(3) }),
  { maxLength: 60 },
);

t.test('it counts what a list of everything would count, to the slot', async (t) => {
  fc.assert(
    fc.property(happenings, fc.nat(100_000), (list, startMs) => {
      const tally = new SlidingTally(SPAN_MS, SPAN_MS / SLOT_MS);
      const all: { slot: number; total: number; marked: number }[] = [];
      let nowMs = startMs;
      for (const { afterMs, total, marked } of list) {
        nowMs += afterMs;
        tally.add(nowMs, total, marked);
        const now = Math.floor(nowMs / SLOT_MS);
        all.push({ slot: now, total, marked });
        const within = all.filter(({ slot }) => slot > now - SPAN_MS / SLOT_MS);
        t.same(tally.sums(nowMs), {
          total: within.reduce((sum, each) => sum + each.total, 0),
          marked: within.reduce((sum, each) => sum + each.marked, 0),
        });
      }
    }),
  );
});

t.test('cleared, it begins anew', async (t) => {
  const tally = new SlidingTally(SPAN_MS, 30);
  tally.add(5000, 3, 2);
  tally.clear();
  t.same(tally.sums(5000), { total: 0, marked: 0 });
});
