import t from 'tap';
import { apiOf, everyPage, ownerApi } from '../helpers/admin-api.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { PASSWORD, person, personWithPassword, sessionOf } from '../helpers/people.ts';

const HOUR = 3_600_000;
const ANY = { 'if-match': '*' };
const why = 'teste';

t.test('people, on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    const server = await startHttpServer(t, house);
    const platform = await ownerApi(server);
    const { clientId } = (await store.clients.create({ email: 'a@x', companyName: 'Azul' })).client;
    const { clientId: otherId } = (await store.clients.create({ email: 'b@x', companyName: 'Bege' })).client;
    const as = async (...roles: Parameters<typeof sessionOf> extends [unknown, ...infer R] ? R : never) =>
      apiOf(server.url, await sessionOf(store, ...roles));
    const owner = await as({ clientId, role: 'owner' });
    const admin = await as({ clientId, role: 'admin' });
    let addresses = 0;
    const elsewhere = () => ({ 'x-forwarded-for': `10.0.${addresses >> 8}.${addresses++ & 255}` });
    const login = (email: string, password: string) => server.post('/admin/login', { email, password }, elsewhere());
    const cookieOf = (answer: Response) => (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';

    t.test('an invitation sets a password, once, for three days', async (t) => {
      const invited = await admin('POST', '/users', {
        email: 'Ana@X.com',
        name: 'Ana',
        clientId,
        role: 'viewer',
        why,
      });
      t.match(invited, {
        status: 201,
        body: { user: { email: 'ana@x.com', hasPassword: false, roles: [{ clientId, role: 'viewer' }] } },
      });
      const { token } = invited.body.invite;
      t.match(token, /^bi_[\w-]{43}$/);
      t.equal((await login('ana@x.com', token)).status, 401, 'no password yet');
      const accept = (password: string, by = token) => platform('POST', '/invites/accept', { token: by, password });
      for (const weak of ['curta', 'ana@x.com12'.slice(0, 11), 'aaaaaaaaaaaaaaa', 'ana@x.com']) {
        t.match(await accept(weak), { status: 400, body: { code: 'BALTO_PASSWORD_WEAK', field: 'password' } }, weak);
      }
      t.match(await accept(PASSWORD, `bi_${'x'.repeat(43)}`), { status: 404, body: { code: 'BALTO_INVITE_INVALID' } });
      const [first, second] = await Promise.all([accept(PASSWORD), accept(`${PASSWORD} 2`)]);
      t.same([first.status, second.status].sort(), [200, 404], 'of two at once, one');
      const password = first.status === 200 ? PASSWORD : `${PASSWORD} 2`;
      t.equal((await login('ANA@x.com', password)).status, 200);
      t.equal((await accept(PASSWORD)).status, 404, 'used');
      const late = await admin('POST', '/users', { email: 'b@x.com', name: 'Bia', clientId, role: 'viewer' });
      clock.offsetMs = 73 * HOUR;
      t.equal((await accept(PASSWORD, late.body.invite.token)).status, 404, 'too late');
      clock.offsetMs = 0;
      const log = JSON.stringify(await store.audit.list(20));
      t.notMatch(log, /bi_[\w-]{10}/, 'no invitation in the audit');
      t.notMatch(log, /ana@x/, 'no whole address either');
    });

    t.test('a password may be given at once; an address is one account', async (t) => {
      const made = await owner('POST', '/users', {
        email: 'caio@x',
        name: 'Caio',
        clientId,
        role: 'admin',
        password: PASSWORD,
      });
      t.match(made, { status: 201, body: { invite: null, user: { hasPassword: true } } });
      t.equal((await login('caio@x', PASSWORD)).status, 200);
      const again = await owner('POST', '/users', { email: 'CAIO@x', name: 'Caio', clientId, role: 'viewer' });
      t.match(again, { status: 409, body: { code: 'BALTO_USERS_EMAIL_TAKEN', field: 'email' } });
    });

    t.test('nobody draws an account of another client into theirs, nor gets its invitation', async (t) => {
      const theirs = await as({ clientId: otherId, role: 'owner' });
      const pending = await theirs('POST', '/users', {
        email: 'dora@x',
        name: 'Dora',
        clientId: otherId,
        role: 'owner',
      });
      t.equal(pending.status, 201);
      const taken = await owner('POST', '/users', { email: 'dora@x', name: 'Dora', clientId, role: 'viewer' });
      t.match(taken, { status: 409, body: { code: 'BALTO_USERS_EMAIL_TAKEN' } });
      const { id } = pending.body.user;
      t.equal((await owner('PUT', `/users/${id}/roles/${clientId}`, { role: 'viewer', why }, ANY)).status, 404);
      const joined = await platform('POST', '/users', { email: 'dora@x', name: 'Dora', clientId, role: 'admin', why });
      t.match(joined, { status: 201, body: { invite: null, user: { roles: [{}, { clientId, role: 'admin' }] } } });
      const seen = await owner('GET', `/users/${id}`);
      t.same(seen.body.roles, [{ clientId, role: 'admin' }], 'the other client’s role is none of theirs');
      for (const [method, path, body] of [
        ['POST', `/users/${id}/disable`, { why }],
        ['POST', `/users/${id}/reset`, { why }],
        ['PATCH', `/users/${id}`, { email: 'meu@x', why }],
      ] as const) {
        t.equal((await owner(method, path, body, ANY)).status, 403, `${path}: reaches the other client too`);
      }
      t.equal((await owner('DELETE', `/users/${id}/roles/${clientId}`, { why })).status, 200, 'out of theirs they may');
      t.equal((await owner('GET', `/users/${id}`)).status, 404);
    });

    t.test('nobody gives, takes or manages more than they have', async (t) => {
      const target = await person(store, { clientId, role: 'owner' });
      const viewer = await person(store, { clientId, role: 'viewer' });
      const denied = async (
        answer: Promise<{ status: number; body: { code: string } }>,
        code = 'BALTO_USERS_ABOVE',
      ) => {
        t.match(await answer, { status: 403, body: { code } });
      };
      const role = (id: string, to: string, where = clientId) =>
        [`/users/${id}/roles/${where}`, { role: to, why }, ANY] as const;
      await denied(admin('PUT', ...role(viewer.id, 'owner')));
      await denied(admin('PUT', ...role(target.id, 'viewer')));
      await denied(admin('DELETE', `/users/${target.id}/roles/${clientId}`, { why }));
      await denied(admin('POST', `/users/${target.id}/disable`, { why }));
      await denied(admin('POST', `/users/${viewer.id}/reset`, { why }), 'BALTO_ACCESS_DENIED');
      await denied(
        admin('POST', '/users', { email: 'e@x', name: 'E', clientId, role: 'owner' }),
        'BALTO_ACCESS_DENIED',
      );
      t.equal((await owner('PUT', ...role(viewer.id, 'viewer', 'platform'))).status, 404, 'nor of the platform');
      t.equal((await owner('POST', '/users', { email: 'e@x', name: 'E', clientId: null, role: 'viewer' })).status, 404);
      t.equal((await owner('PUT', ...role(viewer.id, 'viewer', otherId))).status, 404);
      const support = await as({ clientId: null, role: 'admin' });
      await denied(support('PUT', ...role(viewer.id, 'owner')));
      t.equal((await owner('PUT', ...role(viewer.id, 'owner'))).status, 200);
      t.equal((await owner('PUT', ...role(viewer.id, 'dono'))).status, 400);
    });

    t.test('a change of role holds from the next request on', async (t) => {
      const { id } = await person(store, { clientId, role: 'viewer' });
      const { token } = await store.admin.createSession(id);
      const api = apiOf(server.url, `admin_token=${token}`);
      t.equal((await api('GET', '/users')).status, 403);
      const { headers } = await owner('GET', `/users/${id}`);
      const etag = headers.get('etag') ?? '';
      const body = { role: 'admin', why };
      t.equal((await owner('PUT', `/users/${id}/roles/${clientId}`, body)).status, 428);
      t.equal((await owner('PUT', `/users/${id}/roles/${clientId}`, body, { 'if-match': etag })).status, 200);
      t.equal((await owner('PUT', `/users/${id}/roles/${clientId}`, body, { 'if-match': etag })).status, 412, 'stale');
      t.equal((await api('GET', '/users')).status, 200);
      t.match((await store.audit.list(1))[0], {
        action: 'user.role',
        target: `user:${id}`,
        clientId,
        why,
        before: { role: 'viewer' },
        after: { role: 'admin' },
      });
      await owner('DELETE', `/users/${id}/roles/${clientId}`, { why });
      t.equal((await api('GET', '/users')).status, 403);
      t.equal((await api('GET', '/me')).body.roles.length, 0);
    });

    t.test('disabled: the sessions end, nothing opens, and it can be undone', async (t) => {
      const { id, email } = await personWithPassword(store, { clientId, role: 'admin' });
      const cookie = cookieOf(await login(email, PASSWORD));
      const { secret } = await store.tokens.create(
        { userId: id, clientId: null, name: 'x', scopes: ['clients.read'], expiresAt: null },
        { actor: 'cli' },
      );
      const byToken = () => server.get('/api/v1/clients', { authorization: `Bearer ${secret}` });
      t.equal((await byToken()).status, 200);
      t.match(await owner('POST', `/users/${id}/disable`, { why }), { status: 200, body: { disabledAt: /^2/ } });
      t.equal((await server.get('/api/v1/me', { cookie })).status, 401);
      t.equal((await byToken()).status, 401);
      t.equal((await login(email, PASSWORD)).status, 401);
      await owner('POST', `/users/${id}/enable`, { why });
      t.equal((await login(email, PASSWORD)).status, 200);
      t.equal((await byToken()).status, 200);
    });

    t.test('a reset ends the password and the sessions, and lets a new one be set', async (t) => {
      const { id, email } = await personWithPassword(store, { clientId, role: 'viewer' });
      const cookie = cookieOf(await login(email, PASSWORD));
      const { body } = await owner('POST', `/users/${id}/reset`, { why });
      t.equal((await server.get('/api/v1/me', { cookie })).status, 401);
      t.equal((await login(email, PASSWORD)).status, 401);
      await platform('POST', '/invites/accept', { token: body.token, password: 'outra senha comprida' });
      t.equal((await login(email, 'outra senha comprida')).status, 200);
    });

    t.test('one owner of the platform stays, also when two remove each other at once', async (t) => {
      const one = await personWithPassword(store, { clientId: null, role: 'owner' });
      const two = await personWithPassword(store, { clientId: null, role: 'owner' });
      const by = { actor: 'cli' };
      await store.users.removeRole('owner', '*', null, by);
      const results = await Promise.allSettled([
        store.users.removeRole(one.id, '*', null, by),
        store.users.setDisabled(two.id, '*', true, by),
      ]);
      t.same(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      t.match(
        results.find(({ status }) => status === 'rejected'),
        { reason: { code: 'BALTO_USERS_LAST_OWNER' } },
      );
      await store.users.setRole('owner', '*', { clientId: null, role: 'owner' }, by);
      for (const verb of ['disable', 'reset']) {
        const answer = await platform('POST', `/users/owner/${verb}`, { why });
        t.match(answer, { status: 409, body: { code: 'BALTO_USERS_SELF' } }, verb);
      }
    });

    t.test('one’s own name, address and password', async (t) => {
      const { id, email } = await personWithPassword(store, { clientId, role: 'viewer' });
      const mine = cookieOf(await login(email, PASSWORD));
      const other = cookieOf(await login(email, PASSWORD));
      const api = apiOf(server.url, mine);
      const from = elsewhere();
      const change = (current: string, password: string) => api('PUT', '/me/password', { current, password }, from);
      t.match(await change('errada, esta', 'uma outra senha'), {
        status: 403,
        body: { code: 'BALTO_PASSWORD_WRONG', field: 'current' },
      });
      t.match(await change(PASSWORD, email), { status: 400, body: { code: 'BALTO_PASSWORD_WEAK' } });
      t.equal((await change(PASSWORD, 'uma outra senha')).status, 204);
      t.equal((await api('GET', '/me')).status, 200, 'this session goes on');
      t.equal((await server.get('/api/v1/me', { cookie: other })).status, 401, 'the others do not');
      t.equal((await login(email, PASSWORD)).status, 401);
      const answers = [];
      for (let guess = 0; guess < 12; guess += 1)
        answers.push((await change(`palpite ${guess}`, 'não importa')).status);
      t.same([...new Set(answers)], [403, 429], 'a stolen session cannot guess the password for long');
      const changed = await owner('PATCH', `/users/${id}`, { name: 'Bia', email: 'Bia@X', why }, ANY);
      t.match(changed, { status: 200, body: { name: 'Bia', email: 'bia@x' } });
      t.equal((await login('bia@x', 'uma outra senha')).status, 200);
      t.equal((await owner('PATCH', `/users/${id}`, { email: 'caio@x', why }, ANY)).status, 409);
      t.equal((await owner('PATCH', `/users/${id}`, { role: 'owner', why }, ANY)).status, 400);
    });

    t.test('one’s own sessions', async (t) => {
      const { email } = await personWithPassword(store, { clientId, role: 'viewer' });
      const [first, second, third] = [
        cookieOf(await login(email, PASSWORD)),
        cookieOf(await login(email, PASSWORD)),
        cookieOf(await login(email, PASSWORD)),
      ];
      const api = apiOf(server.url, first ?? '');
      const { items } = (await api('GET', '/me/sessions')).body;
      t.equal(items.length, 3);
      t.equal(items.filter(({ isCurrent }: { isCurrent: boolean }) => isCurrent).length, 1);
      t.notMatch(JSON.stringify(items), (second ?? '').split('=')[1] ?? 'x', 'no token in it');
      const stranger = apiOf(server.url, await sessionOf(store, { clientId, role: 'owner' }));
      t.equal((await stranger('DELETE', `/me/sessions/${items[0].id}`)).status, 404, 'only one’s own');
      const others = items.filter(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
      t.equal((await api('DELETE', `/me/sessions/${others[0].id}`)).status, 204);
      t.equal((await api('DELETE', `/me/sessions/${others[0].id}`)).status, 404);
      t.equal((await api('DELETE', '/me/sessions/outras')).status, 204);
      t.equal((await api('GET', '/me/sessions')).body.items.length, 1);
      t.same(
        await Promise.all(
          [second, third].map(async (cookie = '') => (await server.get('/api/v1/me', { cookie })).status),
        ),
        [401, 401],
      );
      const own = (await api('GET', '/me/sessions')).body.items[0].id;
      const ended = await api('DELETE', `/me/sessions/${own}`);
      t.match(ended.headers.getSetCookie()[0], /^admin_token=;/, 'the cookie goes with it');
      t.equal((await api('GET', '/me')).status, 401);
    });

    t.test('lists show who has a part there, page by page', async (t) => {
      const { clientId: third } = (await store.clients.create({ email: 'c@x', companyName: 'Cinza' })).client;
      for (let count = 0; count < 5; count += 1) await person(store, { clientId: third, role: 'viewer' });
      const api = await as({ clientId: third, role: 'admin' });
      t.equal((await everyPage(t, api, '/users?limit=2')).length, 6);
      t.equal((await platform('GET', `/users?clientId=${third}&limit=500`)).body.items.length, 6);
      t.ok((await platform('GET', '/users?limit=500')).body.items.length > 6);
      t.equal((await api('GET', `/users?clientId=${clientId}`)).status, 404);
      const both = await as({ clientId: third, role: 'admin' }, { clientId, role: 'admin' });
      t.match(await both('GET', '/users'), {
        status: 400,
        body: { code: 'BALTO_ACCESS_WHICH_CLIENT', field: 'clientId' },
      });
      t.equal((await both('GET', `/users?clientId=${third}`)).body.items.length, 7);
    });
  }),
);
