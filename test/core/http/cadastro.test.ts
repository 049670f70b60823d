import t from 'tap';
import { openHouse, startHttpServer } from '../../helpers/http-server.ts';

const house = await openHouse(t);
const { store, clock } = house;
t.beforeEach(() => {
  clock.offsetMs = 0;
});

let clients = 0;
/** A client nobody has registered yet. */
const client = () => {
  clients++;
  return { email: `loja${clients}@farmacia.com.br`, razao_social: `Farmácia ${clients}` };
};
type Server = Awaited<ReturnType<typeof startHttpServer>>;
const newCode = async ({ post }: Pick<Server, 'post'>) =>
  ((await (await post('/cadastro/cliente', client())).json()) as { codigo: string }).codigo;
const other = (code: string) => (code === '000000' ? '000001' : '000000');

t.test('a client comes in, and its counters get their keys', async (t) => {
  const { post } = await startHttpServer(t, house);
  const created = await post('/cadastro/cliente', { ...client(), telefone: '11 99999-0000' });
  t.equal(created.status, 201);
  const { codigo, ...nothingElse } = (await created.json()) as { codigo: string };
  t.match(codigo, /^\d{6}$/);
  t.same(nothingElse, {});
  const registered = await post('/cadastro/balcao', { nome_balcao: 'Caixa 1', user_codigo: codigo });
  t.equal(registered.status, 200);
  const answer = (await registered.json()) as Record<string, string>;
  t.same(Object.keys(answer).sort(), ['api_key', 'balcao_id', 'status']);
  t.equal(answer['status'], 'registered');
  t.match(answer['balcao_id'], /^[0-9a-f-]{36}$/);
  t.match(answer['api_key'], /^bk_[\w-]{43}$/);
  t.match(await store.counters.byKey(answer['api_key'] ?? ''), { counterName: 'Caixa 1', status: 'active' });
  const actions = (await store.audit.list(2)).map(({ action }) => action);
  t.same(actions, ['counter.register', 'client.create']);
});

t.test('the body is JSON whatever its Content-Type says', async (t) => {
  const { post, url } = await startHttpServer(t, house);
  for (const type of ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'lixo']) {
    t.equal((await post('/cadastro/cliente', client(), { 'content-type': type })).status, 201, type);
  }
  const bare = new Request(`${url}/cadastro/cliente`, {
    method: 'POST',
    body: Buffer.from(JSON.stringify(client())),
  });
  t.equal((await fetch(bare)).status, 201, 'none at all');
});

t.test('refusals are in Portuguese and name the field', async (t) => {
  const { post } = await startHttpServer(t, house, { registrationsPerMinute: 1000 });
  const first = client();
  t.equal((await post('/cadastro/cliente', first)).status, 201);
  const taken = await post('/cadastro/cliente', { ...first, email: first.email.toUpperCase() });
  t.equal(taken.status, 409);
  t.match(await taken.json(), {
    error: /e-mail/,
    status: 409,
    code: 'BALTO_CLIENT_EMAIL_TAKEN',
    detail: String,
    title: 'Conflito',
  });
  const cases: [unknown, string][] = [
    [{ email: 'a@b' }, 'Campo obrigatório: razao_social'],
    [{ razao_social: 'x' }, 'Campo obrigatório: email'],
    [{ email: 'sem arroba', razao_social: 'x' }, 'Campo inválido: email'],
    [{ email: 'a@b', razao_social: '   ' }, 'Campo inválido: razao_social'],
    [{ email: 'a@b', razao_social: { $gt: '' } }, 'Campo inválido: razao_social'],
    ['[]', 'O corpo do pedido deve ser um objeto JSON.'],
    ['{"email":', 'O corpo do pedido não é JSON válido.'],
    ['', 'O corpo do pedido deve ser um objeto JSON.'],
    ['{"__proto__":{"x":1},"email":"a@b","razao_social":"x"}', 'O corpo do pedido não é JSON válido.'],
    ['['.repeat(9000), 'O corpo do pedido não é JSON válido.'],
  ];
  for (const [body, error] of cases) {
    const answer = await post('/cadastro/cliente', body);
    t.equal(answer.status, 400, error);
    t.match(await answer.json(), { error });
  }
  t.equal((await post('/cadastro/cliente', { ...client(), extra: 'x'.repeat(20_000) })).status, 413);
});

t.test('NUL and half surrogates in names do not break the database', async (t) => {
  const { post } = await startHttpServer(t, house);
  const answer = await post('/cadastro/cliente', '{"email":"a@b","razao_social":"Far\\u0000m\\ud800ácia"}');
  t.equal(answer.status, 201);
});

t.test('a wrong and an expired code are answered alike, and only wrong ones count', async (t) => {
  const { post } = await startHttpServer(t, house, {}, ['loopback']);
  const codigo = await newCode({ post });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  for (let index = 0; index < 8; index++) {
    const body = { nome_balcao: `Caixa ${index}`, user_codigo: codigo };
    t.equal((await post('/cadastro/balcao', body, from('10.0.0.1'))).status, 200, 'a code registers several counters');
  }
  const wrong = other(codigo);
  const texts = new Set<string>();
  for (const guess of [wrong, 'abc', '99999999', wrong]) {
    const answer = await post('/cadastro/balcao', { nome_balcao: 'x', user_codigo: guess }, from('10.0.0.1'));
    t.equal(answer.status, 404);
    texts.add(((await answer.json()) as { error: string }).error);
  }
  clock.offsetMs = 25 * 3_600_000;
  const expired = await post('/cadastro/balcao', { nome_balcao: 'x', user_codigo: codigo }, from('10.0.0.2'));
  t.equal(expired.status, 404);
  texts.add(((await expired.json()) as { error: string }).error);
  t.same([...texts], ['Codigo invalido ou expirado']);
});

t.test('guessing is limited by address and in all, also when all guesses come at once', async (t) => {
  const { post } = await startHttpServer(t, house);
  const codigo = await newCode({ post });
  const wrong = other(codigo);
  const guess = (address: string, user_codigo = wrong) =>
    post('/cadastro/balcao', { nome_balcao: 'x', user_codigo }, { 'x-forwarded-for': address });
  const count = async (answers: Promise<Response>[], status: number) =>
    (await Promise.all(answers)).filter((answer) => answer.status === status).length;
  t.equal(
    await count(
      Array.from({ length: 20 }, () => guess('10.0.0.1')),
      404,
    ),
    5,
    '5 per address',
  );
  t.equal((await guess('10.0.0.1', codigo)).status, 429, 'then not even the right one');
  t.equal((await guess('10.0.0.2', codigo)).status, 200, 'others are served');
  t.equal(
    await count(
      Array.from({ length: 20 }, () => guess('2001:db8::1')),
      404,
    ),
    5,
  );
  t.equal((await guess('2001:db8::ffff')).status, 429, 'a subscriber of IPv6 is one address');
  clock.offsetMs = 600_001;
  t.equal((await guess('10.0.0.1')).status, 404, 'after ten minutes again');
  const others = Array.from({ length: 50 }, (_, index) => guess(`10.1.0.${index}`));
  t.equal(await count(others, 404), 19, '30 in an hour in all');
});

t.test('counters of a code older than half an hour wait for approval', async (t) => {
  const { post } = await startHttpServer(t, house);
  const codigo = await newCode({ post });
  const register = async () => {
    const answer = await post('/cadastro/balcao', { nome_balcao: 'Caixa', user_codigo: codigo });
    return ((await answer.json()) as { api_key: string }).api_key;
  };
  clock.offsetMs = 29 * 60_000;
  t.match(await store.counters.byKey(await register()), { status: 'active' });
  clock.offsetMs = 31 * 60_000;
  t.match(await store.counters.byKey(await register()), { status: 'pending' });
});

t.test('at most 20 clients a minute per address; X-Forwarded-For counts only from a trusted proxy', async (t) => {
  const trusting = await startHttpServer(t, house, { registrationsPerMinute: 2 });
  const status = async (server: Server, address: string) =>
    (await server.post('/cadastro/cliente', client(), { 'x-forwarded-for': address })).status;
  t.same([await status(trusting, '10.0.0.1'), await status(trusting, '10.0.0.1')], [201, 201]);
  const refused = await trusting.post('/cadastro/cliente', client(), { 'x-forwarded-for': '10.0.0.1' });
  t.equal(refused.status, 429);
  t.match(await refused.json(), { error: /tente de novo/, code: 'BALTO_HTTP_TOO_MANY' });
  t.equal(await status(trusting, '10.0.0.2'), 201, 'another address has its own limit');
  const distrusting = await startHttpServer(t, house, { registrationsPerMinute: 1 }, ['192.0.2.1']);
  t.equal(await status(distrusting, '10.0.0.1'), 201);
  t.equal(await status(distrusting, '10.0.0.2'), 429, 'the header of anybody else is ignored');
});

t.test('web pages of any origin may register; CORS_ORIGINS narrows it', async (t) => {
  const open = await startHttpServer(t, house);
  const preflight = await fetch(`${open.url}/cadastro/balcao`, {
    method: 'OPTIONS',
    headers: { origin: 'https://balcao.example', 'access-control-request-method': 'POST' },
  });
  t.equal(preflight.headers.get('access-control-allow-origin'), '*');
  t.equal(preflight.headers.get('access-control-allow-credentials'), null);
  const answer = await open.post('/cadastro/cliente', client(), { origin: 'https://balcao.example' });
  t.equal(answer.headers.get('access-control-allow-origin'), '*');
  const login = await open.post('/admin/login', { password: 'x' }, { origin: 'https://balcao.example' });
  t.equal(login.headers.get('access-control-allow-origin'), null, 'every other route is same-origin');
  const narrow = await startHttpServer(t, house, { corsOrigins: ['https://loja.example'] });
  const allowed = async (origin: string) =>
    (await narrow.post('/cadastro/cliente', {}, { origin })).headers.get('access-control-allow-origin');
  t.equal(await allowed('https://loja.example'), 'https://loja.example');
  t.equal(await allowed('https://outra.example'), null);
});

t.test('CADASTRO_ABERTO=0 asks for a session', async (t) => {
  const { post, login } = await startHttpServer(t, house, { openRegistration: false });
  t.equal((await post('/cadastro/cliente', client())).status, 401);
  const cookie = await login();
  t.equal((await post('/cadastro/cliente', client(), { cookie })).status, 201);
});
