import t from 'tap';
import { ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { person } from '../../../helpers/people.ts';

const HOUR_MS = 3_600_000;

t.test('virtual counters', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    const api = await ownerApi(await startHttpServer(t, house));
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const url = `/clients/${client.clientId}/counters/virtual`;
    const openOne = async () => (await api('POST', url)).body;

    t.test('one is opened with a key of its own, and stands in no list of the shop', async (t) => {
      await store.counters.register(client.clientId, 'Caixa 1');
      const { counter, apiKey } = await openOne();
      t.match(counter, { kind: 'virtual', status: 'active', name: 'Balcão virtual (Dono)' });
      t.match(apiKey, /^bk_[\w-]{43}$/);
      t.match(await store.counters.byKey(apiKey), { counterId: counter.id, status: 'active' });
      const names = async (query = '') =>
        (await api('GET', `/clients/${client.clientId}/counters${query}`)).body.items.map(
          (each: { name: string }) => each.name,
        );
      t.same(await names(), ['Caixa 1']);
      t.same(await names('?kind=virtual'), ['Balcão virtual (Dono)']);
      t.equal((await names('?kind=all')).length, 2);
      t.equal((await api('GET', '/counters')).body.items.length, 1);
      t.match(await store.counters.listByClient(client.clientId), [{ name: 'Caixa 1' }]);
      const audit = JSON.stringify(await store.audit.list(1));
      t.match(audit, /counter\.virtual/);
      t.notOk(audit.includes(apiKey), 'the audit does not hold the key');
    });

    t.test('opened again it is the same counter: the key before is unknown, its connections are closed', async (t) => {
      const first = await openOne();
      const second = await openOne();
      t.equal(second.counter.id, first.counter.id);
      t.equal(await store.counters.byKey(first.apiKey), null);
      t.ok(await store.counters.byKey(second.apiKey));
      const live = [first, second].map(({ counter }) => ({ counterId: counter.id, keyPrefix: counter.keyPrefix }));
      t.match(await store.counters.refusedAmong(live), [{ keyPrefix: first.counter.keyPrefix, why: 'replaced' }]);
      const why = { why: 'fim do teste' };
      const stale = { 'if-match': `"${first.counter.revision}"` };
      t.equal((await api('POST', `/counters/${first.counter.id}/revoke`, why, stale)).status, 412, 'not the other tab');
      const own = { 'if-match': `"${second.counter.revision}"` };
      t.equal((await api('POST', `/counters/${first.counter.id}/revoke`, why, own)).status, 200);
      t.equal(await store.counters.byKey(second.apiKey), null);
      t.ok(await store.counters.byKey((await openOne()).apiKey), 'and once more');
    });

    t.test('each person has one of their own', async (t) => {
      const other = await person(store, { clientId: client.clientId, role: 'admin' });
      const ours = await openOne();
      const by = { actor: `admin:${other.id}` };
      const theirs = await store.virtualCounters.open(client.clientId, { id: other.id, name: 'Ana' }, by);
      t.not(theirs.counter.counterId, ours.counter.id);
      t.ok(await store.counters.byKey(ours.apiKey));
    });

    t.test('of a client that is not there: 404', async (t) => {
      t.match(await api('POST', '/clients/nobody/counters/virtual'), {
        status: 404,
        body: { code: 'BALTO_CLIENT_UNKNOWN' },
      });
    });

    t.test('its key ends after some hours, also of a connection that is open', async (t) => {
      const { counter, apiKey } = await openOne();
      const live = [{ counterId: counter.id, keyPrefix: counter.keyPrefix }];
      clock.offsetMs += 3 * HOUR_MS;
      t.ok(await store.counters.byKey(apiKey));
      t.same(await store.counters.refusedAmong(live), []);
      clock.offsetMs += 2 * HOUR_MS;
      t.equal(await store.counters.byKey(apiKey), null);
      t.match(await store.counters.refusedAmong(live), [{ counterId: counter.id, why: 'revoked' }]);
    });
  }),
);
