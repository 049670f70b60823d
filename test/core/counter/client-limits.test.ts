import t from 'tap';
import { ClientLimits } from '../../../core/counter/client-limits.ts';
import type { Limits } from '../../../core/routing/types.ts';
import type { Store } from '../../../core/store/index.ts';
import { forEachDatabase } from '../../helpers/databases.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';

const never = new AbortController().signal;

function processOf(store: Store | null, processId: string, clock: ManualClock, limits: Limits) {
  const shared = store ? { processId, places: store.counterPlaces } : null;
  return new ClientLimits({ limitsOf: () => limits, shared, clock, log: keptLog() });
}

t.test('alone, a client has as many counters as it may', async (t) => {
  const limits: Limits = { counters: 2 };
  const one = processOf(null, 'p', new ManualClock(), limits);
  const admit = await one.admission('a', 1);
  t.same([admit(1), admit(2)], [true, false], 'asked in the moment it comes in: another may have been faster');
  delete limits.counters;
  t.equal((await one.admission('a', 500))(500), true);
});

t.test('two processes that let counters in at once never let in more than there may be', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const limits: Limits = { counters: 7 };
    const clock = new ManualClock();
    const processes = ['p1', 'p2'].map((id) => ({ id, own: 0, of: processOf(store, id, clock, limits) }));
    const tries = Array.from({ length: 30 }, (_, index) => processes[index % 2]!);
    await Promise.all(
      tries.map(async (each) => {
        const admit = await each.of.admission('a', each.own);
        if (admit(each.own)) each.own += 1;
      }),
    );
    const total = processes.reduce((sum, { own }) => sum + own, 0);
    t.ok(total <= 7 && total >= 4, `${total} of 7`);
    t.equal((await processes[0]!.of.admission('b', 0))(0), true, 'another client is none of this');
    const rows = await store.db.kysely
      .selectFrom('counter_reservations')
      .selectAll()
      .where('cliente_id', '=', 'a')
      .execute();
    t.ok(rows.length <= 14, 'who finds it full reserves nothing');
  }),
);

t.test('utterances above the limit wait, in turn, and the client’s own counters only', async (t) => {
  const clock = new ManualClock();
  const limits: Limits = { utterancesInFlight: 2 };
  const one = processOf(null, 'p', clock, limits);
  const [a, b, other] = [one.join('a'), one.join('a'), one.join('z')];
  const first = await a.places.take(0, never);
  const second = await b.places.take(0, never);
  t.ok(first && second);
  t.equal(await clock.until(a.places.take(0, never)), null, 'a third finds no place');
  const waiting = a.places.take(Number.POSITIVE_INFINITY, never);
  t.ok(await other.places.take(0, never), 'another client is at no limit');
  first?.();
  t.ok(await waiting, 'and gets the next that is free');
  limits.utterancesInFlight = 3;
  t.ok(await b.places.take(0, never), 'a larger limit is in force at the next utterance');
  for (const joined of [a, b, other]) joined.leave();
});

t.test('each process has the share of places that its counters are of the client’s', async (t) => {
  const clock = new ManualClock();
  let others = 0;
  const places = { reserve: async () => 0, others: async () => new Map([['a', others]]) };
  const one = new ClientLimits({
    limitsOf: () => ({ utterancesInFlight: 8 }),
    shared: { processId: 'p', places },
    clock,
    log: keptLog(),
  });
  t.teardown(() => one.close());
  const joined = [one.join('a'), one.join('a')];
  const next = () => clock.until(joined[0]!.places.take(0, never));
  const free = async () => {
    const taken = [];
    for (let place = await next(); place; place = await next()) taken.push(place);
    for (const leave of taken) leave();
    return taken.length;
  };
  t.equal(await free(), 8);
  others = 6;
  await clock.advance(2000);
  t.equal(await free(), 2, 'two of eight counters');
  others = 0;
  await clock.advance(2000);
  t.equal(await free(), 8);
  for (const each of joined) each.leave();
  await clock.advance(4000);
  t.equal(clock.pending, 0, 'with nobody here nothing is asked');
});
