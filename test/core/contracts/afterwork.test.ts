import t from 'tap';
import { Afterwork } from '../../../core/contracts/index.ts';
import { ManualClock, settle } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';

function arrange() {
  const clock = new ManualClock();
  const log = keptLog();
  const life = new AbortController();
  return { clock, log, life, afterwork: new Afterwork({ clock, log, signal: life.signal }) };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('segredo'))));

t.test('close waits for what is under way, and for nothing after that', async (test) => {
  const { clock, log, afterwork } = arrange();
  const work = Promise.withResolvers<void>();
  afterwork.start('failed', () => work.promise);
  let isIdle = false;
  const idle = afterwork.idle().then(() => {
    isIdle = true;
  });
  await settle();
  test.equal(isIdle, false);
  work.resolve();
  await idle;
  await afterwork.idle();
  test.same([clock.pending, log.lines], [0, []]);
});

t.test('it ends after two seconds, or with the instance; the log gets the fixed line only', async (test) => {
  for (const ends of ['bound', 'life']) {
    const { clock, log, life, afterwork } = arrange();
    afterwork.start('could not delete', untilAborted);
    if (ends === 'life') life.abort();
    await clock.until(afterwork.idle());
    test.equal(clock.now(), ends === 'life' ? 0 : 2000);
    test.equal(log.lines.length, 1);
    test.match(log.lines[0], /could not delete/);
    test.notMatch(log.lines[0], /segredo/);
    test.equal(clock.pending, 0);
  }
});
