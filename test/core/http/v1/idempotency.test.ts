import t from 'tap';
import { apiOf, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { sessionOf } from '../../../helpers/people.ts';

const DAY = 86_400_000;

t.test('a write that is repeated is done once', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    const server = await startHttpServer(t, house);
    const api = await ownerApi(server);
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Azul' });
    const path = `/clients/${client.clientId}`;
    const rename = (companyName: string, key: string, ifMatch = '*', by = api) =>
      by('PATCH', path, { companyName, why: 'teste' }, { 'idempotency-key': key, 'if-match': ifMatch });
    const revision = async () => (await store.clients.byId(client.clientId))?.revision;

    t.test('and answered alike', async (t) => {
      const first = await rename('Verde', 'k1');
      t.equal(first.headers.get('idempotency-replayed'), null);
      const again = await rename('Verde', 'k1');
      t.equal(again.headers.get('idempotency-replayed'), 'true');
      t.same([again.status, again.body, again.headers.get('etag')], [200, first.body, first.headers.get('etag')]);
      t.equal(await revision(), 2);
    });

    t.test('the key belongs to one request of one principal', async (t) => {
      await rename('Rosa', 'k2');
      const other = await rename('Roxa', 'k2');
      t.match(other, { status: 422, body: { code: 'BALTO_IDEMPOTENCY_REUSED', field: 'Idempotency-Key' } });
      t.equal((await rename('Rosa', 'k2', '"1"')).status, 422, 'another If-Match is another request');
      t.equal((await store.clients.byId(client.clientId))?.companyName, 'Rosa');
      const ana = await sessionOf(store, { clientId: client.clientId, role: 'admin' });
      const hers = await rename('Roxa', 'k2', '*', apiOf(server.url, ana));
      t.equal(hers.status, 200, 'her key, not his');
    });

    t.test('twenty at once change it once', async (t) => {
      const before = (await revision()) ?? 0;
      const answers = await Promise.all(Array.from({ length: 20 }, () => rename('Cinza', 'k3')));
      t.equal(await revision(), before + 1);
      for (const { status, body, headers } of answers) {
        if (status === 200) continue;
        t.match({ status, code: body.code }, { status: 409, code: 'BALTO_IDEMPOTENCY_RUNNING' });
        t.equal(headers.get('retry-after'), '1');
      }
      t.ok(answers.some(({ status }) => status === 200));
      t.equal((await rename('Cinza', 'k3')).status, 200, 'whoever was sent away asks again');
      t.equal(await revision(), before + 1);
    });

    t.test('what failed may be tried again with the same key', async (t) => {
      t.equal((await rename('Preta', 'k4', '"1"')).status, 412);
      t.equal((await rename('Preta', 'k4')).status, 200);
      t.equal((await rename('', 'k5')).status, 400);
      t.equal((await rename('Branca', 'k5')).status, 200);
    });

    t.test('a request that died with its process holds the key for a minute', async (t) => {
      const before = (await revision()) ?? 0;
      const body = { companyName: 'Marrom', why: 'teste' };
      const request = JSON.stringify(['PATCH', `/api/v1${path}`, '*', body]);
      t.match(await store.idempotency.begin({ principal: 'admin:owner', key: 'k6', request }), { state: 'new' });
      t.equal((await rename('Marrom', 'k6')).status, 409);
      clock.offsetMs += 61_000;
      t.equal((await rename('Marrom', 'k6')).status, 200);
      t.equal(await revision(), before + 1);
    });

    t.test('a secret is shown once: it is not kept, and not said again', async (t) => {
      const renew = () => api('POST', `${path}/code`, undefined, { 'idempotency-key': 'k7' });
      const { body } = await renew();
      const again = await renew();
      t.match(again, { status: 409, body: { code: 'BALTO_IDEMPOTENCY_SHOWN_ONCE' } });
      t.notOk(JSON.stringify(again.body).includes(body.code));
      t.equal((await store.clients.byCode(body.code))?.client.clientId, client.clientId, 'no second code was made');
      const kept = await store.db.system((trx) => trx.selectFrom('idempotency_keys').selectAll().execute());
      t.notOk(JSON.stringify(kept).includes('Cinza'), 'what was answered is sealed');
      t.equal(kept.find(({ key }) => key === 'k7')?.answer, null);
    });

    t.test('a key that is none is said', async (t) => {
      for (const key of ['a b', 'x'.repeat(129)]) {
        t.match(await rename('Azul', key), { status: 400, body: { field: 'Idempotency-Key' } });
      }
      const read = await api('GET', path, undefined, { 'idempotency-key': 'k1' });
      t.equal(read.headers.get('idempotency-replayed'), null, 'reading needs none');
    });

    t.test('after a day the key is forgotten', async (t) => {
      clock.offsetMs = DAY + 1000;
      const later = apiOf(server.url, await server.login());
      const before = (await revision()) ?? 0;
      t.equal((await rename('Verde', 'k1', '*', later)).headers.get('idempotency-replayed'), null);
      t.equal(await revision(), before + 1);
    });
  }),
);
