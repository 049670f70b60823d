import type { Test } from 'tap';
import t from 'tap';
import { HealthShare } from '../../core/runtime/health-share.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import type { Store } from '../../core/store/index.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { sayTo, vendorOf } from '../helpers/outages.ts';
import { type RuntimeHouse, sttHouse } from '../helpers/runtime-house.ts';
import { fault } from '../helpers/scripted-provider.ts';

/** One process: its own candidates, its own health, the common database. */
function processOf(t: Test, store: Store, name: string) {
  const a = vendorOf('a');
  const house = sttHouse([a.stt, vendorOf('b').stt], { probes: true });
  let readings = 0;
  const { providerHealth } = store;
  const share = new HealthShare({
    health: house.health,
    rows: {
      write: (process, rows) => providerHealth.write(process, rows),
      forget: () => providerHealth.forget(),
      others: async (process, since) => {
        const heard = await providerHealth.others(process, since);
        setImmediate(() => readings++);
        return heard;
      },
    },
    process: name,
    // The database answers in real time; the breakers' time goes when it is told to.
    clock: systemClock,
    log: house.log,
    everyMs: 10,
  });
  t.teardown(() => share.close());
  share.start();
  return { a, house, share, health: house.health, state: () => stateOf(house), readings: () => readings };
}

function stateOf(house: RuntimeHouse): string | undefined {
  return house.health.status().find(({ address }) => address === 'stt/a')?.state;
}

/** What happened before is written and read: a reading that began after it is over. */
async function exchange(...processes: ReturnType<typeof processOf>[]): Promise<void> {
  for (const { readings } of processes) {
    const enough = readings() + 2;
    while (readings() < enough) await new Promise((done) => setTimeout(done, 2));
  }
}

t.test('what one process finds out the others know', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const first = processOf(t, store, 'um');
    const second = processOf(t, store, 'dois');
    await exchange(first, second);

    t.test('a refused key: the other process does not ask with a customer’s words', async (t) => {
      first.a.state.fault = second.a.state.fault = fault('auth');
      await sayTo(first.house);
      t.equal(first.state(), 'open');
      await exchange(first, second);
      t.equal((await sayTo(second.house)).address, 'stt/b');
      t.equal(second.a.asked().words, 0);
      await second.house.clock.advance(1000);
      await sayTo(second.house);
      t.same(
        [second.state(), second.a.asked()],
        ['open', { words: 0, probes: 1 }],
        'it asked for itself, with the clip',
      );
    });

    t.test('good news end a rest: one question, and it is back', async (t) => {
      first.a.state.fault = second.a.state.fault = null;
      await first.house.clock.advance(13_000);
      await second.house.clock.advance(3000);
      await sayTo(first.house);
      t.equal(first.state(), 'closed');
      await exchange(first, second);
      t.equal(second.state(), 'open', 'the other’s word is not enough');
      await sayTo(second.house);
      t.equal(second.state(), 'closed');
    });

    t.test('a process whose own network is broken does not take the vendor from the others', async (t) => {
      for (const { house } of [first, second]) await house.clock.advance(5000);
      const { probes } = second.a.asked();
      first.a.state.fault = fault('connection');
      await sayTo(first.house);
      await first.house.clock.advance(1000);
      t.equal(first.state(), 'open');
      for (let utterance = 0; utterance < 10; utterance++) {
        await exchange(first, second);
        await sayTo(second.house);
      }
      t.equal(second.state(), 'closed');
      t.equal(second.a.asked().probes, probes + 1, 'it asked once for itself');
      t.equal(first.state(), 'open');
      first.a.state.fault = null;
      await first.house.clock.advance(30_000);
      await sayTo(first.house);
    });

    t.test('a process that starts later is told too, and old stories are not', async (t) => {
      first.a.state.fault = fault('quota');
      await sayTo(first.house);
      await exchange(first);
      const third = processOf(t, store, 'três');
      third.a.state.fault = fault('quota');
      await exchange(third);
      t.equal((await sayTo(third.house)).address, 'stt/b');
      t.equal(third.a.asked().words, 0);
      await store.db.system((trx) =>
        trx
          .updateTable('provider_health')
          .set({ at: new Date(Date.now() - 3_600_000) })
          .execute(),
      );
      const fourth = processOf(t, store, 'quatro');
      await exchange(fourth);
      t.equal((await sayTo(fourth.house)).address, 'stt/a');
    });

    t.test('one that hears nothing is known as such everywhere', async (t) => {
      const [one, two] = [processOf(t, store, 'cinco'), processOf(t, store, 'seis')];
      const clear = { durationMs: 2600, speechMs: 2000, snrDb: 18, class: 'fala' };
      one.a.state.hears = two.a.state.hears = () => ({ text: '', model: 'modelo' });
      for (let utterance = 0; utterance < 16; utterance++) await sayTo(one.house, one.house.runner(), clear);
      await one.house.clock.advance(1000);
      await exchange(one, two);
      t.equal((await sayTo(two.house)).address, 'stt/b');
      const { rows } = await store.providerHealth.others('ninguém', null);
      t.match(
        rows.find(({ process }) => process === 'cinco'),
        { state: 'closed', degraded: true, reason: 'empty' },
      );
    });

    t.test('the table holds no key, and a week-old row goes', async (t) => {
      const { rows } = await store.providerHealth.others('ninguém', null);
      t.match(rows[0]?.key, /^stt\/a:modelo@#[\w-]{22}$/);
      await store.db.system((trx) =>
        trx
          .updateTable('provider_health')
          .set({ at: new Date(Date.now() - 8 * 86_400_000) })
          .execute(),
      );
      await store.providerHealth.forget();
      const left = await store.db.system((trx) => trx.selectFrom('provider_health').selectAll().execute());
      t.equal(left.length, 0);
    });
  }),
);

t.test('without the database a process knows what it knows, and tells when it is back', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { house, a, share, state } = processOf(t, store, 'um');
    const system = store.db.system.bind(store.db);
    const away = async () => {
      throw Object.assign(new Error('away'), { code: 'BALTO_STORE_AWAY' });
    };
    store.db.system = away as typeof store.db.system;
    const said = () => house.log.lines.filter((line) => line.includes('not shared')).length;
    while (said() === 0) await new Promise((done) => setTimeout(done, 2));
    a.state.fault = fault('auth');
    for (let utterance = 0; utterance < 5; utterance++) await sayTo(house);
    t.equal(state(), 'open');
    await new Promise((done) => setTimeout(done, 50));
    t.equal(said(), 1, 'said once');
    store.db.system = system;
    while (!house.log.lines.some((line) => line.includes('shared again'))) {
      await new Promise((done) => setTimeout(done, 2));
    }
    await share.close();
    const { rows } = await store.providerHealth.others('outro', null);
    t.match(rows, [{ process: 'um', state: 'open', reason: 'auth' }]);
    t.ok((rows[0]?.restMs ?? 0) < 9960, 'the rest that is left, not the whole one again');
  }),
);
