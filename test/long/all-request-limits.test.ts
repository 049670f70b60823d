import t from 'tap';
import type { Limits } from '../../core/routing/types.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { person, sessionOf } from '../helpers/people.ts';

t.test('a client at its limit is told so, and nobody else is', async (t) => {
  const house = await openHouse(t);
  const limits: Record<string, Limits> = {};
  const server = await startHttpServer(t, house, {}, ['loopback'], (clientId) => limits[clientId ?? ''] ?? {});
  const { store } = house;
  const clients = [];
  for (const email of ['a@x', 'b@x']) clients.push(await store.clients.create({ email, companyName: email }));
  const [a, b] = clients.map(({ client }) => client.clientId) as [string, string];
  limits[a] = { requests: { admin: { minute: 5 }, data: { minute: 2 }, cadastro: { minute: 1 } } };
  const apis = {
    a: apiOf(server.url, await sessionOf(store, { clientId: a, role: 'admin' })),
    other: apiOf(server.url, await sessionOf(store, { clientId: a, role: 'viewer' })),
    b: apiOf(server.url, await sessionOf(store, { clientId: b, role: 'admin' })),
    both: apiOf(server.url, await sessionOf(store, { clientId: a, role: 'admin' }, { clientId: b, role: 'admin' })),
    platform: apiOf(server.url, await sessionOf(store, { clientId: null, role: 'owner' })),
  };
  const statuses = async (who: keyof typeof apis, times: number, path = '/clients') => {
    const answers = await Promise.all(Array.from({ length: times }, () => apis[who]('GET', path)));
    return [200, 429].map((status) => answers.filter((answer) => answer.status === status).length);
  };

  const first = await apis.a('GET', '/clients');
  t.same(
    ['limit', 'remaining', 'reset'].map((name) => Number(first.headers.get(`x-ratelimit-${name}`)) > 0),
    [true, true, true],
  );
  t.same([first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')], ['5', '4']);
  t.same(await statuses('other', 2), [2, 0], 'another person of the same client');
  const both = await Promise.all([
    statuses('a', 100),
    statuses('b', 100),
    statuses('platform', 20),
    statuses('both', 20),
  ]);
  t.same(both, [
    [2, 98],
    [100, 0],
    [20, 0],
    [20, 0],
  ]);

  const refused = await apis.a('GET', '/clients');
  t.equal(refused.status, 429);
  t.match(refused.body, { code: 'BALTO_LIMIT_REQUESTS', status: 429, title: 'Pedidos demais' });
  const seconds = Number(refused.headers.get('retry-after'));
  t.ok(seconds >= 1 && seconds <= 60);
  t.equal(refused.headers.get('x-ratelimit-remaining'), '0');
  t.same(await statuses('a', 1, '/api/data/interacoes?limit=1'), [1, 0], 'another group of routes');
  t.equal((await server.get('/health/live')).status, 200, 'and what needs nobody');

  limits[a] = { requests: { admin: { minute: 1000 } } };
  t.same(await statuses('a', 5), [5, 0], 'a larger limit is in force at once');
  house.clock.offsetMs += 60_000;
  limits[a] = { requests: { admin: { minute: 5 }, cadastro: { minute: 1 } } };
  t.same(await statuses('a', 9), [5, 4], 'and a new minute');

  const register = (code: string) => server.post('/cadastro/balcao', { nome_balcao: 'Caixa', user_codigo: code });
  t.equal((await register(clients[0]?.code ?? '')).status, 200);
  const tooMany = await register(clients[0]?.code ?? '');
  t.equal(tooMany.status, 429);
  t.match(await tooMany.json(), { error: /Limite de pedidos/, code: 'BALTO_LIMIT_REQUESTS' });
  for (let times = 0; times < 3; times++) t.equal((await register(clients[1]?.code ?? '')).status, 200);
});

t.test('a token counts as its client', async (t) => {
  const house = await openHouse(t);
  const server = await startHttpServer(t, house, {}, ['loopback'], () => ({ requests: { admin: { minute: 3 } } }));
  const { client } = await house.store.clients.create({ email: 'a@x', companyName: 'A' });
  const admin = await person(house.store, { clientId: client.clientId, role: 'admin' });
  const input = {
    userId: admin.id,
    clientId: client.clientId,
    name: 'robô',
    scopes: ['clients.read'],
    expiresAt: null,
  };
  const { secret } = await house.store.tokens.create(input, { actor: 'cli' });
  const statuses = [];
  for (let times = 0; times < 4; times++) {
    statuses.push((await server.get('/api/v1/clients', { authorization: `Bearer ${secret}` })).status);
  }
  t.same(statuses, [200, 200, 200, 429]);
});
