import t from 'tap';
import { BaltoError } from '../../core/contracts/index.ts';
import { LiveAccess } from '../../core/live/access.ts';
import { EVERYONE, type LiveDraft } from '../../core/live/events.ts';
import { placeOf } from '../../core/live/feed.ts';
import { Outbox } from '../../core/live/outbox.ts';
import { EventRing, type Written } from '../../core/live/ring.ts';
import { LiveSnapshot } from '../../core/live/snapshot.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

const MINUTE_MS = 60_000;

function written(seq: number | null, kind: LiveDraft['kind'], data: object = {}, text = 'x', at = 0): Written {
  return { event: { seq, at, kind, clientId: 'a', data }, full: text, bare: text };
}

t.test('the ring keeps so many events, so many bytes, and none for long', async (t) => {
  const seqs = (found: Written[] | null) => found?.map(({ event }) => event.seq) ?? null;
  const few = new EventRing({ events: 3 });
  for (let seq = 1; seq <= 5; seq++) few.add(written(seq, 'state'));
  t.same(seqs(few.after(2)), [3, 4, 5]);
  t.same(seqs(few.after(4)), [5]);
  t.same(seqs(few.after(5)), []);
  t.equal(few.after(1), null, 'the second one is gone: whoever stopped before it has missed it');
  const small = new EventRing({ bytes: 10 });
  for (let seq = 1; seq <= 4; seq++) small.add(written(seq, 'state', {}, 'xxxx'));
  t.same(seqs(small.after(2)), [3, 4]);
  const short = new EventRing({ ageMs: MINUTE_MS });
  short.add(written(1, 'state', {}, 'x', 0));
  short.forget(MINUTE_MS + 1);
  t.equal(short.after(0), null);
  t.same(short.after(1), []);
});

t.test('what a slow browser has not taken is replaced, then dropped, and it is told', async (t) => {
  const dropped: number[] = [];
  const outbox = new Outbox((count) => dropped.push(count), { events: 5, bytes: 1000 });
  outbox.release([]);
  const add = (each: Written) => outbox.add(each, each.full);
  for (const text of ['p1', 'p2', 'p3']) add(written(null, 'partial', { sessionId: 's' }, text));
  add(written(null, 'partial', { sessionId: 'other' }, 'o1'));
  add(written(1, 'state', { sessionId: 's' }, 's1'));
  add(written(2, 'state', { sessionId: 's' }, 's2'));
  add(written(3, 'utterance', { sessionId: 's' }, 'u1'));
  t.equal(outbox.isStuck, true);
  t.equal(
    String(outbox.body.read()),
    'o1s2u1',
    'of what replaces itself only the newest, and no word of what was said whole',
  );

  // The socket took nothing any more: a full buffer ahead of it, and what waits behind.
  add(written(4, 'card', {}, 'x'.repeat(70_000)));
  t.equal(outbox.body.readableLength, 70_000, 'ahead of the socket');
  for (let seq = 5; seq < 12; seq++) add(written(seq, 'utterance', { sessionId: 's' }, `u${seq}`));
  t.same(dropped, [], 'nothing is said to who does not read');
  outbox.body.read();
  await new Promise(setImmediate);
  t.equal(dropped.length, 1);
  t.ok((dropped[0] ?? 0) >= 6);
  add(written(13, 'state', { sessionId: 's' }, 's13'));
  t.equal(outbox.body.readableLength, 0, 'held back until it is shown how things stand');
  outbox.release(['gap', 'snapshot']);
  t.equal(String(outbox.body.read()), 'gapsnapshots13');
});

t.test('bytes are bounded as well, also while the beginning is made ready', async (t) => {
  const dropped: number[] = [];
  const outbox = new Outbox((count) => dropped.push(count), { bytes: 1000 });
  outbox.body.read();
  for (let seq = 1; seq <= 3; seq++) outbox.add(written(seq, 'card'), 'x'.repeat(400));
  t.equal(outbox.body.readableLength, 0);
  outbox.release(['snapshot']);
  t.equal(String(outbox.body.read()), 'snapshot');
  t.same(dropped, [3]);
});

t.test('who may see what', async (t) => {
  const all = new LiveAccess(null, null);
  const some = new LiveAccess(['a', 'b'], ['a']);
  const narrowed = new LiveAccess(null, ['a'], 'b');
  t.same(
    [all, some, narrowed].map((each) => each.sees('b')),
    [true, true, true],
  );
  t.same(
    [all, some, narrowed].map((each) => each.reads('b')),
    [true, false, false],
  );
  t.same(
    [all, some, narrowed].map((each) => each.sees('c')),
    [true, false, false],
  );
  t.same(
    [all, some, narrowed].map((each) => each.sees(null)),
    [true, false, false],
    'of the installation',
  );
  t.same(
    [all, some, narrowed].map((each) => each.sees(EVERYONE)),
    [true, true, true],
  );
  t.same(
    [all, some, narrowed].map((each) => each.readsAnything),
    [true, true, false],
  );
  t.not(some.sign, new LiveAccess(['a', 'b'], ['b']).sign);
  t.equal(some.sign, new LiveAccess(['b', 'a'], ['a']).sign);
});

t.test('a place is one of ours, or none', async (t) => {
  t.same(placeOf('0a1b2c3d.12.1700000000000'), { boot: '0a1b2c3d', seq: 12, atMs: 1_700_000_000_000 });
  for (const id of [undefined, '', 'x', '0a1b2c3d.12', "0a1b2c3d.1.1'--", `0a1b2c3d.${'9'.repeat(16)}.1`]) {
    t.equal(placeOf(id), null, `${id}`);
  }
});

t.test('with the database away the counters of this process are shown, without a past', async (t) => {
  const away = async () => {
    throw new BaltoError({ code: 'BALTO_STORE_AWAY', message: 'x', statusCode: 503 });
  };
  const since = new Date();
  const own = {
    ...{ sessionId: 's', clientId: 'a', counterId: 'b', counterName: 'Caixa', protocol: 1 as const, since, bytes: 0 },
    ...{ configVersion: 1, providers: { stt: null, llm: null }, lastUtteranceAt: null },
    state: { now: 'listening' as const, since: since.toISOString(), degraded: [], rule: null },
  };
  const snapshot = new LiveSnapshot({
    sessions: { everywhere: away, connected: () => [own] },
    rows: { since: away } as never,
    others: () => ({ refresh: async () => {}, openAlerts: [], costs: [] }) as never,
    health: () => [],
    drained: away,
    clock: new ManualClock(),
  });
  const taken = await snapshot.take(new LiveAccess(null, null), null);
  t.match(taken, { isAway: true, history: [], state: { sessions: [{ counterId: 'b', isOwn: true }] } });
  t.match((await snapshot.take(new LiveAccess(['z'], []), null)).state, { sessions: [] });
});
