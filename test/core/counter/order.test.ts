import fc from 'fast-check';
import t from 'tap';
import { SpokenOrder } from '../../../core/counter/order.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

function order() {
  const clock = new ManualClock();
  const applied: string[] = [];
  const spoken = new SpokenOrder<string>({
    clock,
    holdMs: 5000,
    apply: (value, late) => applied.push(late ? `${value} late` : value),
  });
  return { clock, applied, spoken };
}

t.test('answers are applied in the order spoken', async (t) => {
  const { applied, spoken } = order();
  for (const segment of [1, 2, 3]) spoken.expect(segment);
  spoken.answer(3, 'c');
  spoken.answer(2, 'b');
  t.same(applied, []);
  spoken.answer(1, 'a');
  t.same(applied, ['a', 'b', 'c']);
  t.ok(spoken.empty);
});

t.test('one that is not answered holds the others back five seconds and then comes late', async (t) => {
  const { clock, applied, spoken } = order();
  for (const segment of [1, 2, 3]) spoken.expect(segment);
  spoken.answer(2, 'b');
  await clock.advance(4999);
  t.same(applied, []);
  await clock.advance(1);
  t.same(applied, ['b']);
  spoken.answer(3, 'c');
  t.same(applied, ['b', 'c']);
  spoken.answer(1, 'a');
  t.same(applied, ['b', 'c', 'a late']);
  t.ok(spoken.empty);
});

t.test('closing applies what was answered; nothing is applied twice', async (t) => {
  const { clock, applied, spoken } = order();
  spoken.expect(1);
  spoken.expect(2);
  spoken.answer(2, 'b');
  spoken.answer(2, 'again');
  spoken.close();
  await clock.advance(60_000);
  t.same(applied, ['b']);
});

t.test('any order of answers and pauses: each once, and never late without a hold that ran out', async () => {
  const scenario = fc.record({
    answers: fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 6 }),
    pauses: fc.array(fc.integer({ min: 0, max: 6000 }), { minLength: 6, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ answers, pauses }) => {
      const { clock, applied, spoken } = order();
      for (let segment = 1; segment <= 6; segment++) spoken.expect(segment);
      for (const [index, segment] of answers.entries()) {
        await clock.advance(pauses[index] ?? 0);
        spoken.answer(segment, String(segment));
      }
      const seen = applied.map((value) => value.replace(' late', ''));
      if (new Set(seen).size !== 6 || seen.length !== 6) return false;
      const inTime = applied.filter((value) => !value.endsWith('late')).map(Number);
      return inTime.every((value, index) => index === 0 || value > (inTime[index - 1] ?? 0));
    }),
  );
});
