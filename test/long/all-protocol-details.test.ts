import { sql } from 'kysely';
import t from 'tap';
import { isOnShift } from '../../core/counter/voice-match.ts';
import { WallClock } from '../../core/wall-clock.ts';
import { ownerApi } from '../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { sessionOf } from '../helpers/people.ts';
import { registered, rowsOf } from '../helpers/registered-clients.ts';
import { readWorkbook } from '../helpers/workbook.ts';

/**
 * The lines of the wire contract's "Details of these answers" (protocol.md §2), one test each, in its order; those that need
 * somebody who listens are in all-protocol-details-heard.test.ts, those of doors and keys in all-protocol-details-doors.test.ts.
 */
const house = await openHouse(t);
const { store, clock } = house;
t.beforeEach(() => {
  clock.offsetMs = 0;
});

const ISO_WITH_OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/;
const CLOCK = /^\d\d:\d\d:\d\d\.\d{3}$/;

type Json = Record<string, unknown>;
const bodyOf = async (answer: Response) => (await answer.json()) as Json;
let clients = 0;

async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await store.db.system((trx) =>
    sql<{ name: string }>`
      select column_name as name from information_schema.columns where table_name = ${table}`.execute(trx),
  );
  return rows.map(({ name }) => name).sort();
}

t.test('errors are {"error"} with 400, 401, 403, 404, 409, 429; JSON whatever its Content-Type', async (t) => {
  const { post, get, url } = await startHttpServer(t, house, { registrationsPerMinute: 3 });
  const { client, counter } = await registered(store);
  const viewer = { cookie: await sessionOf(store, { clientId: client.clientId, role: 'viewer' }) };
  const put = (headers: Record<string, string>) =>
    fetch(`${url}/api/admin/balcao/${counter.counterId}/vad`, { method: 'PUT', body: '{}', headers });
  const plain = { 'content-type': 'text/plain;charset=UTF-8' };
  const again = { email: 'd1@x', razao_social: 'De novo' };
  const answers: [number, Response][] = [
    [400, await post('/cadastro/cliente', '{', plain)],
    [401, await get('/api/data/interacoes')],
    [403, await put({ ...viewer, 'content-type': 'application/json' })],
    [404, await post('/cadastro/balcao', { nome_balcao: 'x', user_codigo: 'nenhum' }, plain)],
    [409, await post('/cadastro/cliente', again, plain)],
    [201, await post('/cadastro/cliente', { ...again, email: 'texto@x' }, plain)],
    [429, await post('/cadastro/cliente', again, plain)],
    [401, await post('/admin/login', { password: 'errada, mas comprida' }, plain)],
  ];
  for (const [status, answer] of answers) {
    t.equal(answer.status, status);
    if (status >= 400) t.match(await bodyOf(answer), { error: /\S/ });
  }
});

t.test('existing routes keep {"error"} with the problem-details members beside it', async (t) => {
  const { post } = await startHttpServer(t, house);
  const answer = await post('/cadastro/balcao', { nome_balcao: 'x', user_codigo: '000000' });
  t.match(answer.headers.get('content-type'), /^application\/json/);
  const { error, detail, type, title, status, code, instance } = await bodyOf(answer);
  t.equal(error, 'Codigo invalido ou expirado', 'a tool looks for it, unaccented');
  t.equal(detail, error);
  t.match({ type, title, status, code, instance }, { type: 'about:blank', title: String, status: 404, code: String });
  t.type(instance, 'string');
});

t.test('cadastro/cliente is open, 20 a minute per address; CADASTRO_ABERTO=0 asks for a session', async (t) => {
  const { post } = await startHttpServer(t, house);
  const from = (address: string) =>
    post('/cadastro/cliente', { email: `m${++clients}@x`, razao_social: 'x' }, { 'x-forwarded-for': address });
  const statuses: number[] = [];
  for (let index = 0; index < 21; index++) statuses.push((await from('10.9.0.1')).status);
  t.same(statuses, [...Array(20).fill(201), 429]);
  t.equal((await from('10.9.0.2')).status, 201, 'of another address');
  const closed = await startHttpServer(t, house, { openRegistration: false });
  t.equal((await closed.post('/cadastro/cliente', { email: 'f@x', razao_social: 'x' })).status, 401);
  const cookie = await closed.login();
  t.equal((await closed.post('/cadastro/cliente', { email: 'f@x', razao_social: 'x' }, { cookie })).status, 201);
});

t.test('cadastro/balcao: balcao_id is a UUID; only wrong codes count, 5 per address and 30 in all', async (t) => {
  const { post } = await startHttpServer(t, house);
  const { code } = await registered(store);
  const use = (user_codigo: string, address: string) =>
    post('/cadastro/balcao', { nome_balcao: 'x', user_codigo }, { 'x-forwarded-for': address });
  for (let index = 0; index < 10; index++)
    t.equal((await use(code, '10.8.0.1')).status, 200, 'right ones do not count');
  t.match((await bodyOf(await use(code, '10.8.0.1')))['balcao_id'], /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  const wrong: number[] = [];
  for (let index = 0; index < 36; index++) {
    wrong.push((await use('nenhum', `10.8.${1 + Math.floor(index / 6)}.1`)).status);
  }
  const six = [...Array(5).fill(404), 429];
  t.same(wrong, [...Array(6).fill(six)].flat(), 'the sixth of each address');
  t.equal((await use('nenhum', '10.8.99.1')).status, 429, 'the 31st in all');
  clock.offsetMs = 60 * 60_000 + 1;
  t.equal((await use('nenhum', '10.8.99.1')).status, 404, 'an hour later');
});

t.test('cadastro/turno: 0 to 6, both ends, over midnight, always on shift without one; 404 elsewhere', async (t) => {
  const { post } = await startHttpServer(t, house);
  const { client, code } = await registered(store);
  const other = await registered(store);
  const by = { actor: 'cli' };
  const { id } = await store.employees.create(client.clientId, 'Ana', by);
  const night = { user_codigo: code, funcionario_id: id, dias_semana: [6], hora_inicio: '22:00', hora_fim: '06:00' };
  const set = await post('/cadastro/turno', night);
  t.equal(set.status, 200);
  t.same(await bodyOf(set), { success: true, message: 'Turnos gravados.' });
  const on = async (weekday: number, minute: number) =>
    isOnShift((await store.employees.shifts(client.clientId, id)) ?? [], { weekday, minute });
  const [SUNDAY, MONDAY, SATURDAY] = [6, 0, 5];
  t.same(
    [await on(SUNDAY, 22 * 60), await on(MONDAY, 6 * 60), await on(SUNDAY, 22 * 60 - 1), await on(MONDAY, 6 * 60 + 1)],
    [true, true, false, false],
    'both ends included',
  );
  t.notOk(await on(SATURDAY, 23 * 60));
  for (const dias_semana of [[7], [-1], [0.5]]) {
    t.equal((await post('/cadastro/turno', { ...night, dias_semana })).status, 400, JSON.stringify(dias_semana));
  }
  t.equal((await post('/cadastro/turno', { ...night, user_codigo: other.code })).status, 404, 'not of that client');
  await post('/cadastro/turno', { ...night, dias_semana: [] });
  t.ok(await on(SATURDAY, 23 * 60), 'no shift at all: always');
});

t.test('GET /api/data/interacoes: a bare array, 50 rows unless limit (≤ 500), the next page in Link', async (t) => {
  const { get, login } = await startHttpServer(t, house);
  const cookie = await login();
  const { counter } = await rowsOf(store, 520);
  const path = `/api/data/interacoes?balcao_id=${counter.counterId}`;
  const first = await get(path, { cookie });
  const rows = (await first.json()) as Json[];
  t.equal(rows.length, 50);
  t.match(first.headers.get('link'), /^<\/api\/data\/interacoes\?.*cursor=.*>; rel="next"$/);
  const [row] = rows;
  t.match(row?.['timestamp'], /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/);
  t.match(row?.['ts_audio_received'], CLOCK);
  t.equal(row?.['ts_client_sent'], '-');
  t.equal(((await (await get(`${path}&limit=900`, { cookie })).json()) as Json[]).length, 500);
  const last = await get(`${path}&limit=20&cursor=lixo`, { cookie });
  t.equal(last.status, 400);
});

t.test('metricas: the newest 2,000 rows, every column, times with a numeric offset, never Z', async (t) => {
  const { get, login } = await startHttpServer(t, house);
  const cookie = await login();
  const { counter, ids } = await rowsOf(store, 2003);
  const answer = await get(`/api/data/balcao/${counter.counterId}/metricas`, { cookie });
  const text = await answer.text();
  const { interacoes } = JSON.parse(text) as { interacoes: Json[] };
  t.same(
    interacoes.map(({ id }) => id),
    ids.toReversed().slice(0, 2000),
  );
  const columns = Object.keys(interacoes[0] ?? {});
  t.same(columns.toSorted(), await columnsOf('interacoes'), 'every column of the table');
  t.match(interacoes[0]?.['timestamp'], ISO_WITH_OFFSET);
  t.match(interacoes[0]?.['ts_audio_received'], ISO_WITH_OFFSET);
  t.notMatch(text, /\dZ"/);
});

t.test('PUT …/vad: the six settings of the original, echoed in vad_config', async (t) => {
  const server = await startHttpServer(t, house);
  const owner = await ownerApi(server);
  const { counter } = await registered(store);
  const vad = {
    threshold_multiplier: 1.7,
    min_energy_threshold: 60,
    alpha: 0.05,
    silence_frames_needed: 30,
    segment_limit_frames: 266,
    overlap_frames: 27,
  };
  const answer = await owner('PUT', `/api/admin/balcao/${counter.counterId}/vad`, vad);
  t.same(answer.body, { status: 'updated', balcao_id: counter.counterId, vad_config: vad });
});

t.test('export/xlsx: sheet Interacoes, the nine columns first, its name the wall’s time', async (t) => {
  const { get, login } = await startHttpServer(t, house);
  const { counter } = await rowsOf(store, 1);
  const answer = await get(`/api/export/xlsx?balcao_id=${counter.counterId}`, { cookie: await login() });
  const { sheets } = readWorkbook(new Uint8Array(await answer.arrayBuffer()));
  t.equal(sheets[0]?.name, 'Interacoes');
  const header = Object.values(sheets[0]?.rows[0] ?? {}).map(({ value }) => value);
  t.same(header.slice(0, 9), [
    ...['id', 'timestamp', 'nome_balcao', 'funcionario', 'transcricao_completa', 'recomendacao_gerada'],
    ...['resultado_feedback', 'modelo_stt', 'custo_estimado'],
  ]);
  const stamp = /relatorio_balto_(\d{8}_\d{4})\.xlsx/.exec(answer.headers.get('content-disposition') ?? '')?.[1];
  const wall = (ms: number) => new Date(ms - 3 * 3_600_000).toISOString().replace(/[-:]/g, '').replace('T', '_');
  const now = clock.date().getTime();
  t.ok([wall(now).slice(0, 13), wall(now - 60_000).slice(0, 13)].includes(stamp ?? ''), `${stamp}`);
});

t.test('days of the week: 0 is Monday, in America/Sao_Paulo', async (t) => {
  const wall = new WallClock('America/Sao_Paulo');
  // A Monday in UTC, still Sunday evening in São Paulo.
  t.same(wall.at(Date.parse('2026-11-23T01:30:00Z')), { weekday: 6, minute: 22 * 60 + 30 });
  t.same(wall.at(Date.parse('2026-11-23T03:00:00Z')), { weekday: 0, minute: 0 });
});
