import t from 'tap';
import { OWNER_PASSWORD, openHouse, startHttpServer } from '../helpers/http-server.ts';
import { personWithPassword } from '../helpers/people.ts';

const DATA = '/api/data/interacoes';
const house = await openHouse(t);
const { clock } = house;
t.beforeEach(() => {
  clock.offsetMs = 0;
});

t.test('a login is a session of the server: it opens, lasts while used, and ends', async (t) => {
  const { post, get, login } = await startHttpServer(t, house);
  const answer = await post('/admin/login', { password: OWNER_PASSWORD });
  t.equal(answer.status, 200);
  t.match(await answer.json(), { status: 'ok' });
  const [header = ''] = answer.headers.getSetCookie();
  t.match(header, /^admin_token=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/, 'plain http on loopback');
  const cookie = header.split(';')[0] ?? '';
  t.equal((await get(DATA, { cookie })).status, 200);
  clock.offsetMs = 59 * 60_000;
  t.equal((await get(DATA, { cookie })).status, 200);
  clock.offsetMs = 118 * 60_000;
  t.equal((await get(DATA, { cookie })).status, 200, 'used within the hour');
  const out = await post('/admin/logout', '', { cookie });
  t.equal(out.status, 200);
  t.equal((await get(DATA, { cookie })).status, 401);
  const second = await login();
  clock.offsetMs += 61 * 60_000;
  t.equal((await get(DATA, { cookie: second })).status, 401, 'idle for an hour');
});

t.test('over TLS the cookie is __Host-balto, and only that one opens', async (t) => {
  const { post, get } = await startHttpServer(t, house);
  const tls = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
  const answer = await post('/admin/login', { password: OWNER_PASSWORD }, tls);
  const [header = ''] = answer.headers.getSetCookie();
  t.match(header, /^__Host-balto=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const cookie = header.split(';')[0] ?? '';
  t.equal((await get(DATA, { cookie, ...tls })).status, 200);
  t.equal((await get(DATA, { cookie: cookie.replace('__Host-balto', 'admin_token'), ...tls })).status, 401);
});

t.test('plain http from elsewhere is told to use https', async (t) => {
  const { url } = await startHttpServer(t, house);
  const { status, body } = await requestAs('balto.loja.local:8765', url);
  t.equal(status, 403);
  t.match(body, /https/);
});

t.test('the constant cookie of the original opens nothing', async (t) => {
  const { get, post } = await startHttpServer(t, house);
  for (const cookie of [
    'admin_token=auth_ok',
    '__Host-balto=auth_ok',
    `admin_token=${'a'.repeat(43)}`,
    'admin_token=',
  ]) {
    t.equal((await get(DATA, { cookie })).status, 401, cookie);
    t.equal((await get('/api/data/balcao/x/metricas', { cookie })).status, 401, cookie);
    t.equal((await post('/admin/logout', '', { cookie })).status, 401, cookie);
  }
});

t.test('wrong passwords: one text, counted, then 429; the owner elsewhere still gets in', async (t) => {
  const { post } = await startHttpServer(t, house);
  const from = { 'x-forwarded-for': '10.0.0.1' };
  const statuses: number[] = [];
  const texts = new Set<unknown>();
  for (const body of [{ password: 'x' }, { email: 'ninguem@x', password: 'x' }, { email: '', password: 'x' }]) {
    const answer = await post('/admin/login', body, from);
    statuses.push(answer.status);
    texts.add(((await answer.json()) as { error: string }).error);
  }
  t.same(statuses, [401, 401, 401]);
  t.equal(texts.size, 1);
  for (let index = 0; index < 7; index++) await post('/admin/login', { password: 'x' }, from);
  t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, from)).status, 429);
  t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, { 'x-forwarded-for': '10.0.0.2' })).status, 200);
  t.equal((await post('/admin/login', {}, from)).status, 400);
  t.equal((await post('/admin/login', { password: 'x'.repeat(2000) }, from)).status, 400);
});

t.test('a flood of guesses from elsewhere keeps the owner waiting at no place of theirs', async (t) => {
  const { post } = await startHttpServer(t, house);
  const home = { 'x-forwarded-for': '198.51.100.7' };
  t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, home)).status, 200);
  for (let place = 0; place < 100; place += 1) {
    for (let guess = 0; guess < 5; guess += 1) await house.store.logins.begin('(dono)', `100.64.${place}.1`);
  }
  const flood = Array.from({ length: 60 }, (_, place) =>
    post('/admin/login', { password: 'palpite' }, { 'x-forwarded-for': `100.65.${place}.1` }),
  );
  const started = performance.now();
  t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, home)).status, 200);
  const ownMs = performance.now() - started;
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  const floodMs = performance.now() - started;
  t.same([...new Set(statuses)].sort(), [401, 429], 'guesses wait their turn, or are sent away');
  t.ok(ownMs < floodMs / 2, `the owner did not wait with them: ${Math.round(ownMs)} of ${Math.round(floodMs)} ms`);
  const away = { 'x-forwarded-for': '198.51.100.8' };
  t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, away)).status, 200, 'slowly, but from anywhere');
});

t.test('an account that does not exist takes as long as a wrong password', async (t) => {
  const { post } = await startHttpServer(t, house);
  const { email } = await personWithPassword(house.store, { clientId: null, role: 'viewer' });
  clock.offsetMs = 30 * 60_000;
  let place = 0;
  const timed = async (account: string): Promise<number> => {
    const from = { 'x-forwarded-for': `100.66.0.${place++}` };
    const started = performance.now();
    t.equal((await post('/admin/login', { email: account, password: 'errada' }, from)).status, 401);
    return performance.now() - started;
  };
  const [unknown, wrong]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < 8; turn += 1) {
    unknown.push(await timed('ninguem@x'));
    wrong.push(await timed(email));
  }
  const ratio = median(unknown) / median(wrong);
  t.ok(ratio > 0.6 && ratio < 1.6, `without the password's derivation it would be 0.1: ${ratio.toFixed(2)}`);
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

t.test('writes that another site sent are refused; tools that send no such header pass', async (t) => {
  const { post, login, url } = await startHttpServer(t, house);
  const cookie = await login();
  const foreigners: Record<string, string>[] = [
    { origin: 'https://mau.example' },
    { origin: 'null' },
    { origin: url.replace('http:', 'https:') },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const foreign of foreigners) {
    const answer = await post('/admin/logout', '', { cookie, ...foreign });
    t.equal(answer.status, 403, JSON.stringify(foreign));
    t.equal((await post('/admin/login', { password: OWNER_PASSWORD }, foreign)).status, 403, 'the login itself too');
  }
  t.equal((await post('/admin/logout', '', { cookie, origin: url, 'sec-fetch-site': 'same-origin' })).status, 200);
});

/** `fetch` does not let a Host header be chosen. */
async function requestAs(host: string, url: string): Promise<{ status: number; body: string }> {
  const { request } = await import('node:http');
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { host, 'x-forwarded-for': '192.168.0.20', 'content-type': 'application/json' };
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/admin/login', headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end(JSON.stringify({ password: OWNER_PASSWORD }));
  });
}
