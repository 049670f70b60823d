import t from 'tap';
import { type Api, apiOf, everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { person } from '../../../helpers/people.ts';

const MINUTE = 60_000;
const BY = { actor: 'cli' };

t.test('API tokens, on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    t.beforeEach(() => {
      clock.offsetMs = 0;
    });
    const server = await startHttpServer(t, house);
    const platform = await ownerApi(server);
    const { clientId } = (await store.clients.create({ email: 'a@x', companyName: 'Azul' })).client;
    const { clientId: otherId } = (await store.clients.create({ email: 'b@x', companyName: 'Bege' })).client;
    const login = async (userId: string): Promise<Api> =>
      apiOf(server.url, `admin_token=${(await store.admin.createSession(userId)).token}`);
    const bearing = (secret: string) => {
      const api = apiOf(server.url, '');
      return (method: string, path: string, body?: unknown, headers = {}) =>
        api(method, path, body, { authorization: `Bearer ${secret}`, ...headers });
    };
    const made = async (api: Api, body: object) => {
      const answer = await api('POST', '/tokens', { name: 'x', ...body });
      t.equal(answer.status, 201, JSON.stringify(answer.body));
      return answer.body as { secret: string; token: { id: string; prefix: string } };
    };

    t.test('shown once, kept as a hash, opens what its scopes say', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const api = await login(user.id);
      const { secret, token } = await made(api, { scopes: ['clients.read'], clientId });
      t.match(secret, /^bt_[\w-]{43}$/);
      t.equal(token.prefix, secret.slice(0, 11));
      const { rows } = await store.db.kysely
        .selectFrom('api_tokens')
        .selectAll()
        .execute()
        .then((rows) => ({ rows }));
      t.notMatch(JSON.stringify([rows, await store.audit.list(10)]), secret.slice(11), 'nowhere else');
      const use = bearing(secret);
      t.equal((await use('GET', `/clients/${clientId}`)).status, 200);
      t.match(await use('PATCH', `/clients/${clientId}`, {}), { status: 403, body: { code: 'BALTO_ACCESS_DENIED' } });
      t.equal((await use('GET', `/clients/${otherId}`)).status, 404);
      t.match((await use('GET', '/me')).body, {
        kind: 'token',
        id: token.id,
        roles: [{ clientId, permissions: ['clients.read'] }],
      });
      const listed = await api('GET', '/tokens');
      t.notMatch(JSON.stringify(listed.body), secret.slice(11));
      t.match(listed.body.items, [{ id: token.id, lastUsedAt: /^2/, revokedAt: null }]);
    });

    t.test('what is no token that opens: 401, also beside a good cookie', async (t) => {
      const cookie = await server.login();
      for (const wrong of ['bt_', 'bt_curto', `bt_${'x'.repeat(43)}`, `bt_${'x'.repeat(4000)}`, "bt_' or true --"]) {
        const answer = await server.get('/api/v1/me', { authorization: `Bearer ${wrong}`, cookie });
        t.equal(answer.status, 401, wrong.slice(0, 20));
      }
      const other = await server.get('/api/v1/me', { authorization: 'Basic YTpi', cookie });
      t.equal(other.status, 200, 'another scheme is somebody else’s business');
    });

    t.test('it never has more than its maker has now', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const { secret } = await made(await login(user.id), { scopes: ['clients.read', 'users.write', 'audit.read'] });
      const use = bearing(secret);
      t.equal((await use('GET', '/audit')).status, 200);
      await store.users.setRole(user.id, '*', { clientId, role: 'viewer' }, BY);
      t.equal((await use('GET', '/audit')).status, 403, 'demoted');
      t.equal((await use('GET', `/clients/${clientId}`)).status, 200, 'what is left of it');
      await store.users.removeRole(user.id, '*', clientId, BY);
      t.equal((await use('GET', `/clients/${clientId}`)).status, 404, 'no role');
      await store.users.setRole(user.id, '*', { clientId, role: 'owner' }, BY);
      t.equal((await use('GET', '/audit')).status, 200);
      await store.users.setDisabled(user.id, '*', true, BY);
      t.equal((await use('GET', '/audit')).status, 401, 'disabled');
    });

    t.test('a token for one client reaches no further, whoever made it', async (t) => {
      const { secret } = await made(platform, {
        scopes: ['clients.read', 'clients.write', 'platform'],
        clientId: null,
      });
      const bound = await platform('POST', '/tokens', { name: 'x', scopes: ['platform'], clientId });
      t.equal(bound.status, 403, 'the platform’s is not a client’s');
      const narrow = await made(platform, { scopes: ['clients.read', 'clients.write'], clientId });
      t.equal((await bearing(secret)('GET', `/clients/${otherId}`)).status, 200);
      const use = bearing(narrow.secret);
      t.equal((await use('GET', `/clients/${clientId}`)).status, 200);
      t.equal((await use('GET', `/clients/${otherId}`)).status, 404);
      t.equal((await use('POST', '/clients', { email: 'z@x', companyName: 'Z' })).status, 403, 'nor the installation');
      t.same(
        (await use('GET', '/clients')).body.items.map(({ id }: { id: string }) => id),
        [clientId],
      );
    });

    t.test('nobody makes one with more than they have, and no token makes tokens', async (t) => {
      const admin = await login((await person(store, { clientId, role: 'admin' })).id);
      const make = (body: object, api: Api = admin) =>
        api('POST', '/tokens', { name: 'x', scopes: ['clients.read'], ...body });
      t.match(await make({ scopes: ['users.reset'], clientId }), { status: 403, body: { field: 'scopes' } });
      t.match(await make({ scopes: ['platform'] }), { status: 403, body: { field: 'scopes' } });
      t.equal((await make({ clientId: otherId })).status, 404);
      t.equal((await make({ scopes: ['tudo'] })).status, 400);
      t.equal((await make({ scopes: [] })).status, 400);
      const viewer = await login((await person(store, { clientId, role: 'viewer' })).id);
      t.equal((await make({}, viewer)).status, 403);
      const { secret } = await made(admin, { scopes: ['tokens.write', 'clients.read', 'users.write'] });
      const byToken = await bearing(secret)('POST', '/tokens', { name: 'x', scopes: ['clients.read'] });
      t.match(byToken, { status: 403, body: { code: 'BALTO_ACCESS_SESSION_ONLY' } });
      const asOwner = { email: 'k@x', name: 'K', clientId, role: 'admin' };
      t.equal((await bearing(secret)('POST', '/users', asOwner)).status, 403, 'nor a person who may more than it');
    });

    t.test('it expires, and is revoked at once', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const api = await login(user.id);
      const day = await made(api, { scopes: ['clients.read'], expiresInDays: 1 });
      clock.offsetMs = 24 * 60 * MINUTE - 1000;
      t.equal((await bearing(day.secret)('GET', '/me')).status, 200);
      clock.offsetMs = 24 * 60 * MINUTE + 1000;
      t.equal((await bearing(day.secret)('GET', '/me')).status, 401);
      clock.offsetMs = 0;
      const kept = await made(api, { scopes: ['clients.read'] });
      t.equal((await bearing(kept.secret)('GET', '/me')).status, 200);
      t.equal((await api('DELETE', `/tokens/${kept.token.id}`)).status, 204);
      t.equal((await bearing(kept.secret)('GET', '/me')).status, 401);
      t.match(await store.audit.list(1), [{ action: 'token.revoke', target: `token:${kept.token.id}` }]);
      t.equal((await api('DELETE', `/tokens/${kept.token.id}`)).status, 404);
      const viewer = await login((await person(store, { clientId, role: 'viewer' })).id);
      t.equal((await viewer('DELETE', `/tokens/${day.token.id}`)).status, 404, 'an unbound one is not the client’s');
    });

    t.test('its last use is noted once a minute', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const { secret, token } = await made(await login(user.id), { scopes: ['clients.read'] });
      const usedAt = async () => (await store.tokens.byId(token.id))?.lastUsedAt?.getTime();
      await bearing(secret)('GET', '/me');
      const first = await usedAt();
      clock.offsetMs = 30_000;
      await bearing(secret)('GET', '/me');
      t.equal(await usedAt(), first);
      clock.offsetMs = 61_000;
      await bearing(secret)('GET', '/me');
      t.ok(((await usedAt()) ?? 0) > (first ?? 0));
    });

    t.test('a write by token needs no origin of its own: it carries no cookie', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const { secret, token } = await made(await login(user.id), { scopes: ['clients.read'] });
      const foreign = { origin: 'https://integrador.example', 'sec-fetch-site': 'cross-site' };
      const other = await made(await login(user.id), { scopes: ['clients.read'] });
      t.equal((await bearing(secret)('DELETE', `/tokens/${other.token.id}`)).status, 404, 'not its maker’s others');
      t.equal((await bearing(secret)('GET', '/tokens')).status, 403);
      t.equal((await bearing(secret)('DELETE', `/tokens/${token.id}`, undefined, foreign)).status, 204, 'but itself');
    });

    t.test('a hundred at most, page by page', async (t) => {
      const user = await person(store, { clientId, role: 'owner' });
      const api = await login(user.id);
      const input = { userId: user.id, clientId, name: 'x', scopes: ['clients.read'], expiresAt: null };
      for (let count = 0; count < 100; count += 1) await store.tokens.create(input, BY);
      t.match(await api('POST', '/tokens', { name: 'x', scopes: ['clients.read'] }), {
        status: 409,
        body: { code: 'BALTO_TOKENS_TOO_MANY' },
      });
      t.equal((await everyPage(t, api, '/tokens?limit=33')).length, 100);
      t.ok((await api('GET', `/tokens?clientId=${clientId}&limit=500`)).body.items.length > 100);
      t.equal((await api('GET', `/tokens?clientId=${otherId}`)).status, 404);
      t.equal((await platform('GET', '/tokens?all=true&limit=500')).status, 200);
    });
  }),
);
