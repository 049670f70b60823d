import t from 'tap';
import { AlertWatch } from '../../../core/counter/alert-watch.ts';
import { Observer } from '../../../core/counter/observer.ts';
import type { LiveSession } from '../../../core/store/live-sessions-table.ts';
import { quietLog } from '../../helpers/databases.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** At nine o'clock in São Paulo. */
function watched() {
  const clock = new ManualClock();
  const observer = new Observer();
  const sessions: LiveSession[] = [];
  const raised: string[] = [];
  const watch = new AlertWatch({
    observer,
    connected: () => sessions,
    raise: async ({ clientId, kind, subject }) => void raised.push(`${clientId} ${kind} ${subject}`),
    clock,
    log: quietLog,
  });
  const session = (counterId: string, over: Partial<LiveSession> = {}): LiveSession => {
    const since = clock.date();
    const made: LiveSession = {
      sessionId: counterId,
      clientId: 'c1',
      counterId,
      counterName: 'Caixa',
      protocol: 2,
      since,
      bytes: 0,
      configVersion: 1,
      providers: { stt: null, llm: null },
      lastUtteranceAt: null,
      state: { now: 'listening', since: since.toISOString(), degraded: [], rule: null },
      ...over,
    };
    sessions.push(made);
    return made;
  };
  return { clock, observer, raised, watch, session };
}

t.test('a counter that listens and hears nothing is told of once for each silence, while shops are open', async (t) => {
  const { clock, raised, watch, session } = watched();
  const quiet = session('b1');
  session('b2', { state: { now: 'paused', since: '', degraded: [], rule: null } });
  await clock.advance(44 * MINUTE_MS);
  t.same(raised, []);
  await clock.advance(3 * MINUTE_MS);
  t.same(raised, ['c1 counter.silent counter:b1'], 'one that pauses is not silent');
  await clock.advance(3 * HOUR_MS);
  t.equal(raised.length, 1, 'not again while it lasts');
  quiet.lastUtteranceAt = clock.date();
  await clock.advance(50 * MINUTE_MS);
  t.equal(raised.length, 2);
  quiet.lastUtteranceAt = new Date(clock.date().getTime() + 7 * HOUR_MS);
  await clock.advance(10 * HOUR_MS);
  t.equal(raised.length, 2, 'nobody talks at night');
  watch.close();
  t.equal(clock.pending, 0);
});

t.test('with two devices of one key it is enough that one hears', async (t) => {
  const { clock, raised, watch, session } = watched();
  session('b1');
  const other = session('b1', { sessionId: 's2' });
  for (let step = 0; step < 6; step++) {
    other.lastUtteranceAt = clock.date();
    await clock.advance(20 * MINUTE_MS);
  }
  t.same(raised, []);
  watch.close();
});

t.test('a provider that went down is told of, one that is back is not', async (t) => {
  const { observer, raised, watch } = watched();
  const subject = { key: 'k', kind: 'stt', address: 'stt/acme', model: 'm', credential: 'f' } as const;
  observer.emit('provider', { ...subject, what: 'degraded', reason: 'timeout' });
  observer.emit('provider', { ...subject, what: 'recovered', reason: 'timeout' });
  t.same(raised, ['null provider.degraded provider:stt/acme']);
  watch.close();
  observer.emit('provider', { ...subject, what: 'degraded', reason: 'timeout' });
  t.equal(raised.length, 1);
});
