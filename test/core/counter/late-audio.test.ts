import t from 'tap';
import { LateAudio } from '../../../core/counter/late-audio.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

/** A device's pieces as they come; what was said of each pause. */
function device(pieceMs = 250) {
  const clock = new ManualClock();
  const missing: number[] = [];
  const late = new LateAudio(clock, (missingMs) => missing.push(missingMs));
  return {
    clock,
    late,
    missing,
    /** Speaks for `ms` at its own pace. */
    async speaks(ms: number): Promise<void> {
      for (let at = 0; at < ms; at += pieceMs) {
        late.came(pieceMs, 0);
        await clock.advance(pieceMs);
      }
    },
    /** Nothing comes for `ms` more; as far as `toldMs` the pause was told when it was found. */
    async rests(ms: number, toldMs = 1500): Promise<number> {
      await clock.advance(ms - pieceMs);
      late.paused(toldMs, pieceMs);
      return ms - toldMs;
    },
    /** So much comes at once. */
    bursts(ms: number, untoldMs: number): void {
      for (let at = 0; at < ms; at += pieceMs) late.came(Math.min(pieceMs, ms - at), at === 0 ? untoldMs : 0);
    },
  };
}

t.test('sound that was held up comes at once: nothing is missing, and that is known at once', async (t) => {
  for (const pauseMs of [1600, 2300, 10_000, 29_000]) {
    const { speaks, rests, bursts, missing } = device();
    await speaks(5000);
    const untoldMs = await rests(pauseMs);
    bursts(pauseMs - (pauseMs % 250), untoldMs);
    t.same(missing, [0], `${pauseMs} ms`);
    await speaks(3000);
    t.same(missing, [0]);
  }
});

t.test('who was silent goes on at the pace of speech: all of the pause is missing', async (t) => {
  for (const [pauseMs, pieceMs] of [
    [1600, 20],
    [2300, 250],
    [2300, 1000],
    [60_000, 250],
  ] as const) {
    const { clock, speaks, rests, late, missing } = device(pieceMs);
    await speaks(5000);
    const untoldMs = await rests(pauseMs);
    late.came(pieceMs, untoldMs);
    await clock.advance(pieceMs);
    await speaks(1000);
    t.same(missing, [pauseMs], `${pauseMs} ms, ${pieceMs} ms at once`);
  }
});

t.test('one piece with all that was held up in it', async (t) => {
  const { speaks, rests, late, missing } = device();
  await speaks(5000);
  late.came(2500, await rests(2500));
  t.same(missing, [0]);
});

t.test('a file that follows another one is no late sound, however fast it comes', async (t) => {
  const { rests, bursts, clock, missing } = device();
  bursts(8000, 0);
  bursts(8000, await rests(6000));
  await clock.advance(500);
  t.same(missing, [6000]);
});

t.test('what nobody waits for any longer is told by what has come', async (t) => {
  const { speaks, rests, late, missing } = device();
  await speaks(5000);
  late.came(250, await rests(3000));
  late.settle();
  late.settle();
  t.same(missing, [3000], 'once');
});
