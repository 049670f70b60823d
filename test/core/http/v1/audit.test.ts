import t from 'tap';
import { apiOf, ownerApi } from '../../../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { sessionOf } from '../../../helpers/people.ts';

t.test('GET /api/v1/audit', async (t) => {
  const house = await openHouse(t);
  const { store } = house;
  const server = await startHttpServer(t, house);
  const platform = await ownerApi(server);
  const clients = [];
  for (const name of ['Azul', 'Bege']) {
    clients.push((await store.clients.create({ email: `${name}@x`, companyName: name })).client.clientId);
  }
  const [own = '', other = ''] = clients;
  for (const clientId of clients) {
    for (const action of ['counter.approve', 'counter.revoke', 'config.change']) {
      await store.audit.append({
        actor: 'cli',
        action,
        target: 'x',
        clientId,
        why: 'teste',
        after: { apiKey: 'segredo' },
      });
    }
  }
  const admin = apiOf(server.url, await sessionOf(store, { clientId: own, role: 'admin' }));

  t.test('a client’s administrator reads that client’s rows, whatever is asked', async (t) => {
    const { status, body } = await admin('GET', '/audit');
    t.equal(status, 200);
    t.same([...new Set(body.items.map(({ clientId }: { clientId: string }) => clientId))], [own]);
    t.match(body.items[1], {
      action: 'config.change',
      actor: 'cli',
      why: 'teste',
      before: null,
      after: { apiKey: '***' },
      hash: /^[0-9a-f]{64}$/,
    });
    t.equal((await admin('GET', `/audit?clientId=${other}`)).status, 404);
    t.equal((await platform('GET', `/audit?clientId=${other}`)).body.items.length, 3);
    t.ok((await platform('GET', '/audit')).body.items.some(({ clientId }: { clientId: null }) => clientId === null));
  });

  t.test('narrowed, and page by page', async (t) => {
    const actions = async (query: string) =>
      (await admin('GET', `/audit?${query}`)).body.items.map(({ action }: { action: string }) => action);
    t.same(await actions('action=counter'), ['counter.revoke', 'counter.approve']);
    t.same(await actions('action=counter.revoke'), ['counter.revoke']);
    t.same(await actions('target=nada'), []);
    t.same(await actions('to=2020-01-01'), []);
    t.equal((await actions('from=2020-01-01')).length, 4);
    const first = await admin('GET', '/audit?limit=3');
    t.match(first.headers.get('link'), /^<\/api\/v1\/audit\?limit=3&cursor=[^>]+>; rel="next"$/);
    const second = await admin('GET', `/audit?limit=3&cursor=${first.body.next}`);
    t.same([first.body.items.length, second.body.items.length, second.body.next], [3, 1, null]);
    for (const wrong of ['from=ontem', 'cursor=x', 'limit=0']) {
      t.equal((await admin('GET', `/audit?${wrong}`)).status, 400, wrong);
    }
  });

  t.test('the document says what each route asks for', async (t) => {
    const { paths, components } = (await (await server.get('/docs/json')).json()) as {
      paths: Record<string, Record<string, { security?: object[] }>>;
      components: { securitySchemes: Record<string, { type: string; scheme?: string }> };
    };
    t.match(components.securitySchemes, { sessao: { type: 'apiKey' }, token: { type: 'http', scheme: 'bearer' } });
    const security = (path: string, method: string) => paths[path]?.[method]?.security ?? [];
    t.same(security('/api/v1/audit', 'get'), [{ sessao: [] }, { token: [] }]);
    t.same(security('/api/v1/me/password', 'put'), [{ sessao: [] }]);
    t.same(security('/cadastro/cliente', 'post'), []);
  });
});
