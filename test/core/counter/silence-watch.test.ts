import t from 'tap';
import { SilenceWatch } from '../../../core/counter/silence-watch.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

/** A watch over a device that sends 250 ms at a time; `blockFor` makes the next timers late, as a blocked event loop does. */
function watched() {
  const clock = new ManualClock();
  const gaps: number[] = [];
  let lateMs = 0;
  const slow = { ...timeOf(clock), after: (ms: number, run: () => void) => clock.after(ms + lateMs, run) };
  const watch = new SilenceWatch(slow, (elapsedMs) => gaps.push(elapsedMs));
  return {
    clock,
    gaps,
    /** A frame arrives with so much audio; the answer is what was not told of the pause before it. */
    hears(audioMs: number): number {
      const untoldMs = watch.resumed();
      watch.heard(audioMs);
      return untoldMs;
    },
    blockFor(ms: number) {
      lateMs = ms;
    },
  };
}

const timeOf = (clock: ManualClock) => ({ now: () => clock.now(), date: () => clock.date() });

t.test('a device that stops is told once, and the rest of its pause when it goes on', async (t) => {
  const { clock, hears, gaps } = watched();
  hears(250);
  await clock.advance(250);
  t.equal(hears(250), 0);
  await clock.advance(1499);
  t.same(gaps, []);
  await clock.advance(2501);
  t.same(gaps, [1500]);
  t.equal(hears(250), 2500);
});

t.test('frames that hold more sound are waited for longer', async (t) => {
  const { clock, hears, gaps } = watched();
  hears(2000);
  await clock.advance(3999);
  t.same(gaps, []);
  await clock.advance(1);
  t.same(gaps, [4000]);
});

t.test(
  'when our own event loop was blocked, what the device sent meanwhile is read before it is called silent',
  async (t) => {
    const { clock, hears, gaps, blockFor } = watched();
    blockFor(2000);
    hears(250);
    await clock.advance(3500);
    t.same(gaps, [], 'the timer ran 2 s late: no gap yet');
    blockFor(0);
    t.equal(hears(250), 0, 'it had been sending all along');
    await clock.advance(1000);
    t.same(gaps, []);
  },
);

t.test('a device that fell silent behind a blocked event loop is told as soon as the loop is free', async (t) => {
  const { clock, hears, gaps, blockFor } = watched();
  blockFor(2000);
  hears(250);
  blockFor(0);
  await clock.advance(3500);
  t.same(gaps, []);
  await clock.advance(250);
  t.same(gaps, [3750]);
});
