import t from 'tap';
import { pollJob } from '../../../core/contracts/index.ts';
import { ManualClock, settle } from '../../helpers/manual-clock.ts';
import { live } from '../../helpers/provider.ts';

t.test('asks soon, then less and less often, and at least every two seconds', async (test) => {
  const clock = new ManualClock();
  const askedAt: number[] = [];
  const job = pollJob({ vendor: 'Acme', clock, signals: [live()] }, async () => {
    askedAt.push(Math.round(clock.now()));
    return askedAt.length === 9 ? 'pronto' : undefined;
  });
  test.equal(await clock.until(job), 'pronto');
  test.same(askedAt.slice(0, 4), [200, 500, 950, 1625]);
  test.equal((askedAt[8] ?? 0) - (askedAt[7] ?? 0), 2000);
  test.equal(clock.pending, 0);
});

t.test('any signal ends the wait at once and leaves nothing behind', async (test) => {
  for (const which of [0, 1]) {
    const clock = new ManualClock();
    const aborts = [new AbortController(), new AbortController()];
    let asked = 0;
    const job = pollJob({ vendor: 'Acme', clock, signals: aborts.map((each) => each.signal) }, async () => {
      asked++;
      return undefined;
    });
    const failure = test.rejects(job, { code: 'aborted', blame: 'caller' });
    await clock.advance(250);
    aborts[which]?.abort();
    await failure;
    await settle();
    test.equal(asked, 1);
    test.equal(clock.pending, 0);
  }
});

t.test('an abort that came before is found without asking; what the question throws comes through', async (test) => {
  const clock = new ManualClock();
  const never = () => Promise.reject(new Error('asked'));
  await test.rejects(pollJob({ vendor: 'Acme', clock, signals: [AbortSignal.abort()] }, never), { code: 'aborted' });
  test.equal(clock.pending, 0);
  const job = pollJob({ vendor: 'Acme', clock, signals: [live()] }, never);
  await test.rejects(clock.until(job), { message: 'asked' });
});
