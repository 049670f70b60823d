import Fastify from 'fastify';
import t from 'tap';
import { type Access, access } from '../../../core/http/access.ts';
import type { Principal } from '../../../core/http/principal.ts';
import { clientsWhere } from '../../../core/http/principal.ts';
import { installProblems } from '../../../core/http/problem.ts';

/** A door whose callers say by a header who they are. */
async function door(principals: Record<string, Principal>) {
  const app = Fastify();
  installProblems(app);
  await app.register(access);
  app.access.identifyBy(async ({ headers }) => principals[String(headers['x-who'])] ?? null);
  return app;
}

function user(...roles: Principal['roles']): Principal {
  return { kind: 'user', id: 'u', userId: 'u', actor: 'admin:u', roles, scopes: null };
}

t.test('a route that does not say who may call it is refused when it is registered', async (t) => {
  const app = await door({});
  t.throws(() => app.get('/nova', async () => 'x'), { code: 'BALTO_HTTP_ACCESS_UNSTATED', field: 'config.access' });
  t.throws(() => app.get('/outra', { config: {} }, async () => 'x'), { code: 'BALTO_HTTP_ACCESS_UNSTATED' });
  await app.register(async (library) => {
    library.decorate('defaultAccess', { who: 'public' });
    library.get('/dela', async () => 'x');
  });
  t.equal((await app.inject('/dela')).statusCode, 200);
  t.throws(() => app.get('/depois', async () => 'x'), 'the default is that instance’s alone');
});

t.test('who passes where', async (t) => {
  const app = await door({
    platform: user({ clientId: null, role: 'owner' }),
    support: user({ clientId: null, role: 'admin' }),
    admin: user({ clientId: 'a', role: 'admin' }),
    viewer: user({ clientId: 'a', role: 'viewer' }),
    other: user({ clientId: 'b', role: 'owner' }),
    nobody: user(),
    token: { ...user({ clientId: 'a', role: 'owner' }), kind: 'token', actor: 'token:t', scopes: ['counters.write'] },
  });
  const routes: Record<string, Access> = {
    '/public': { who: 'public' },
    '/known': { who: 'signed-in' },
    '/me': { who: 'user' },
    '/all': { may: 'counters.write' },
    '/install': { may: 'platform' },
    '/list': { may: 'counters.write', client: 'any' },
    '/clients/:id': { may: 'counters.write', client: 'params.id' },
    '/counters/:id': {
      may: 'counters.write',
      client: async ({ params }) => ((params as { id: string }).id === 'x' ? 'a' : null),
    },
  };
  for (const [url, stated] of Object.entries(routes))
    app.get(url, { config: { access: stated } }, async () => 'passed');
  const paths = [
    ...['/public', '/known', '/me', '/all', '/install', '/list', '/clients/a', '/clients/c'],
    ...['/counters/x', '/counters/nenhum', '/nada'],
  ];
  const statuses: Record<string, number[]> = {};
  for (const who of ['', 'platform', 'support', 'admin', 'viewer', 'other', 'nobody', 'token']) {
    statuses[who] = [];
    for (const path of paths) {
      statuses[who].push((await app.inject({ url: path, headers: { 'x-who': who } })).statusCode);
    }
  }
  t.same(statuses, {
    '': [200, 401, 401, 401, 401, 401, 401, 401, 401, 401, 404],
    platform: [200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 404],
    support: [200, 200, 200, 200, 403, 200, 200, 200, 200, 200, 404],
    admin: [200, 200, 200, 403, 403, 200, 200, 404, 200, 404, 404],
    viewer: [200, 200, 200, 403, 403, 403, 403, 404, 403, 404, 404],
    other: [200, 200, 200, 403, 403, 200, 404, 404, 404, 404, 404],
    nobody: [200, 200, 200, 403, 403, 403, 404, 404, 404, 404, 404],
    token: [200, 200, 403, 403, 403, 200, 200, 404, 200, 404, 404],
  });
});

t.test('the clients that a list may show', async (t) => {
  const roles: Principal['roles'] = [
    { clientId: 'a', role: 'admin' },
    { clientId: 'b', role: 'viewer' },
    { clientId: 'b', role: 'viewer' },
  ];
  t.same(clientsWhere(user(...roles), 'counters.write'), ['a']);
  t.same(clientsWhere(user(...roles), 'clients.read'), ['a', 'b']);
  t.same(clientsWhere({ ...user(...roles), scopes: [] }, 'clients.read'), []);
  t.equal(clientsWhere(user(...roles, { clientId: null, role: 'viewer' }), 'clients.read'), null, 'every client');
});

t.test('before the store is there, nobody is let in', async (t) => {
  const app = Fastify();
  installProblems(app);
  await app.register(access);
  app.get('/x', { config: { access: { who: 'signed-in' } } }, async () => 'x');
  t.equal((await app.inject('/x')).statusCode, 503);
});
