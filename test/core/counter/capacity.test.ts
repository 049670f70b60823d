import type { EventLoopUtilization } from 'node:perf_hooks';
import t from 'tap';
import { CapacityWatch } from '../../../core/counter/capacity.ts';
import { Observer, type UtteranceSeen } from '../../../core/counter/observer.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const LIMITS = { cpuPercent: 90, ramPercent: 80, latencyRatio: 3 };

function watch(t: { teardown(run: () => void): void }) {
  const clock = new ManualClock();
  const observer = new Observer();
  const machine = { busyMs: 0, idleMs: 0, ramPercent: 10 };
  const probe = {
    utilization: (): EventLoopUtilization => ({ active: machine.busyMs, idle: machine.idleMs, utilization: 0 }),
    ramPercent: () => machine.ramPercent,
  };
  const capacity = new CapacityWatch(LIMITS, clock, observer, probe);
  t.teardown(() => capacity.close());
  /** Seconds in which the loop is busy for this share. */
  const pass = async (seconds: number, busy: number) => {
    for (let second = 0; second < seconds; second++) {
      machine.busyMs += busy * 1000;
      machine.idleMs += (1 - busy) * 1000;
      await clock.advance(1000);
    }
  };
  const transcribed = (ratio: number) =>
    observer.emit('utterance', {
      outcome: { status: 'answered', readyAtMs: 1000 + ratio * 2000 },
      utterance: { cutAtMs: 1000, features: { durationMs: 2000 } },
    } as unknown as UtteranceSeen);
  return { capacity, clock, machine, pass, transcribed };
}

t.test('a busy loop keeps newcomers out, a short burst does not', async (t) => {
  const { capacity, pass } = watch(t);
  await pass(10, 1);
  t.equal(capacity.overload(), null, 'ten seconds are a burst');
  await pass(5, 1);
  t.equal(capacity.overload(), 'processador no limite');
  await pass(3, 0.2);
  t.equal(capacity.overload(), null);
});

t.test('memory, and transcription that falls behind', async (t) => {
  const { capacity, clock, machine, transcribed } = watch(t);
  machine.ramPercent = 81;
  t.equal(capacity.overload(), 'memória no limite');
  machine.ramPercent = 79;
  for (let times = 0; times < 5; times++) transcribed(9);
  t.equal(capacity.overload(), null, 'from the sixth on');
  transcribed(9);
  t.equal(capacity.overload(), 'transcrição atrasada');
  for (let times = 0; times < 7; times++) transcribed(0.1);
  t.equal(capacity.overload(), null, 'the middle one counts: a few slow ones are no overload');
  for (let times = 0; times < 20; times++) transcribed(9);
  t.equal(capacity.overload(), 'transcrição atrasada');
  await clock.advance(60_000);
  t.equal(capacity.overload(), null, 'with nobody inside there is no newer one: after a minute somebody may try');
});

t.test('this machine has memory left, as measured', async (t) => {
  const capacity = new CapacityWatch({ ...LIMITS, ramPercent: 0 }, new ManualClock(), new Observer());
  t.teardown(() => capacity.close());
  t.equal(capacity.overload(), 'memória no limite', 'more than nothing is in use');
  const ample = new CapacityWatch({ ...LIMITS, ramPercent: 100 }, new ManualClock(), new Observer());
  t.teardown(() => ample.close());
  t.equal(ample.overload(), null);
});
