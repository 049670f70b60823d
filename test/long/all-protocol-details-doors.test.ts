import t from 'tap';
import { apiOf, ownerApi } from '../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { sessionOf } from '../helpers/people.ts';
import { registered, rowsOf } from '../helpers/registered-clients.ts';

/** The lines of the wire contract under "Where the original was unsafe" (protocol.md §2): sessions, the code, the cookie. */
const house = await openHouse(t);
const { store, clock } = house;
t.beforeEach(() => {
  clock.offsetMs = 0;
});

type Json = Record<string, unknown>;
const bodyOf = async (answer: Response) => (await answer.json()) as Json;

t.test('the admin cookie is a real session; metricas needs one; errors never carry an exception’s text', async (t) => {
  const server = await startHttpServer(t, house);
  const { counter } = await rowsOf(store, 1);
  const path = `/api/data/balcao/${counter.counterId}/metricas`;
  for (const cookie of ['', 'admin_token=auth_ok', `admin_token=${'x'.repeat(43)}`]) {
    t.equal((await server.get(path, { cookie })).status, 401, cookie);
  }
  const [one, two] = [await server.login(), await server.login()];
  t.not(one, two, 'random');
  t.equal((await server.get(path, { cookie: one })).status, 200);
  server.readiness.fault = new Error('segredo do banco: senha=123');
  const broken = await server.get('/health/ready');
  t.equal(broken.status, 500);
  t.notMatch(await broken.text(), /segredo|senha/);
});

t.test('the code: 6 digits, hashed, 24 h, later counters wait, renewed; then the id with a session', async (t) => {
  const server = await startHttpServer(t, house);
  const { client, code } = await registered(store);
  t.match(code, /^\d{6}$/);
  const dump = JSON.stringify(await store.db.system((trx) => trx.selectFrom('clientes').selectAll().execute()));
  t.notOk(dump.includes(`"${code}"`), 'hashed');
  const register = async (user_codigo: string) =>
    bodyOf(await server.post('/cadastro/balcao', { nome_balcao: 'Caixa', user_codigo }));
  const status = async ({ api_key }: Json) => (await store.counters.byKey(String(api_key)))?.status;
  t.equal(await status(await register(code)), 'active');
  clock.offsetMs = 31 * 60_000;
  t.equal(await status(await register(code)), 'pending');
  clock.offsetMs = 25 * 3_600_000;
  t.match(await register(code), { status: 404 });
  const owner = await ownerApi(server);
  const renewed = (await owner('POST', `/clients/${client.clientId}/code`)).body.code as string;
  t.match(renewed, /^\d{6}$/);
  t.equal(await status(await register(renewed)), 'active');
  clock.offsetMs += 25 * 3_600_000;
  const later = await ownerApi(server);
  const { id } = await store.employees.create(client.clientId, 'Bia', { actor: 'cli' });
  const shift = { funcionario_id: id, dias_semana: [0], hora_inicio: '08:00', hora_fim: '12:00' };
  const byId = { ...shift, user_codigo: client.clientId };
  t.equal((await server.post('/cadastro/turno', byId)).status, 404, 'nobody in particular');
  t.equal((await later('POST', '/api/../cadastro/turno', byId)).status, 200);
  const listed = await later('GET', `/api/admin/client/${client.clientId}/balcoes`);
  t.match(listed, { status: 200, body: { balcoes: [{ balcao_id: String }, {}, {}, {}] } });
  const viewer = apiOf(server.url, await sessionOf(store, { clientId: client.clientId, role: 'viewer' }));
  t.equal((await viewer('POST', '/api/../cadastro/turno', byId)).status, 404, 'who may not change employees');
});

t.test(
  'the cookie: __Host-balto over TLS, admin_token on loopback, idle an hour; foreign writes refused',
  async (t) => {
    const server = await startHttpServer(t, house);
    const password = { password: 'uma-senha-bem-comprida' };
    const headerOf = async (headers: Record<string, string>) =>
      (await server.post('/admin/login', password, headers)).headers.getSetCookie()[0] ?? '';
    t.match(await headerOf({ 'x-forwarded-proto': 'https' }), /^__Host-balto=.*; HttpOnly; Secure; SameSite=Strict$/);
    const plain = await headerOf({});
    t.match(plain, /^admin_token=.*; HttpOnly; SameSite=Strict$/);
    const cookie = plain.split(';')[0] ?? '';
    const { counter } = await registered(store);
    const write = (headers: Record<string, string>) =>
      fetch(`${server.url}/api/admin/balcao/${counter.counterId}/vad`, {
        method: 'PUT',
        body: '{}',
        headers: { cookie, 'content-type': 'application/json', ...headers },
      });
    t.equal((await write({})).status, 200, 'absent headers pass');
    t.equal((await write({ origin: server.url, 'sec-fetch-site': 'same-origin' })).status, 200);
    t.equal((await write({ origin: 'https://mau.example' })).status, 403);
    t.equal((await write({ 'sec-fetch-site': 'cross-site' })).status, 403);
    clock.offsetMs = 60 * 60_000 + 1000;
    t.equal((await write({})).status, 401, 'idle for an hour');
  },
);
