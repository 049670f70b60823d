import t from 'tap';
import { wavFile } from '../../../../core/contracts/wav.ts';
import { apiOf, everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { sessionOf } from '../../../helpers/people.ts';

const house = await openHouse(t);
const { store } = house;
const server = await startHttpServer(t, house);
const owner = await ownerApi(server);
const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
const { client: other } = await store.clients.create({ email: 'b@x', companyName: 'B' });
const at = (path = '') => `/clients/${client.clientId}/employees${path}`;
const by = { actor: 'cli' };
/** As if a provider had measured it. */
const enrol = (id: number) =>
  store.voices.enrol(
    {
      clientId: client.clientId,
      of: { id },
      vector: Float32Array.of(1, 2),
      model: 'speaker/acme:m',
      speechMs: 3000,
      fileName: 'a.wav',
      consent: null,
    },
    by,
  );

t.test('employees come, are renamed, and leave', async (t) => {
  const made = await owner('POST', at(), { name: 'Ana' });
  t.match(made, {
    status: 201,
    body: { name: 'Ana', clientId: client.clientId, consent: 'ausente', voice: { state: 'sem_voz', model: null } },
  });
  t.equal(made.headers.get('location'), `/api/v1${at(`/${made.body.id}`)}`);
  t.match(await owner('POST', at(), { name: 'Ana' }), { status: 409, body: { code: 'BALTO_EMPLOYEE_NAME_TAKEN' } });
  const path = at(`/${made.body.id}`);
  const body = { name: 'Ana Lima', why: 'casou' };
  t.match(await owner('PATCH', path, body, { 'if-match': '"9"' }), { status: 412, body: { code: 'BALTO_HTTP_STALE' } });
  const renamed = await owner('PATCH', path, body, { 'if-match': made.headers.get('etag') ?? '' });
  t.match(renamed, { status: 200, body: { name: 'Ana Lima', revision: 2 } });
  t.equal((await owner('DELETE', path)).status, 204);
  t.match(await owner('GET', path), { status: 404, body: { code: 'BALTO_EMPLOYEE_UNKNOWN' } });
  t.match(await owner('PATCH', path, body), { status: 404 });
});

t.test('the list goes page by page, and shows no other client’s', async (t) => {
  for (const name of ['Bea', 'Caio', 'Dora']) await owner('POST', at(), { name });
  const names = (await everyPage(t, owner, at('?limit=2'))) as unknown as { name: string }[];
  t.same(
    names.map(({ name }) => name),
    ['Bea', 'Caio', 'Dora'],
  );
  t.equal((await owner('GET', at('?q=CAI'))).body.items.length, 1);
  t.same((await owner('GET', `/clients/${other.clientId}/employees`)).body.items, []);
  const [first] = names as unknown as { id: number }[];
  t.equal((await owner('GET', `/clients/${other.clientId}/employees/${first?.id}`)).status, 404);
  const viewer = apiOf(server.url, await sessionOf(store, { clientId: client.clientId, role: 'viewer' }));
  t.equal((await viewer('GET', at())).status, 200);
  t.equal((await viewer('POST', at(), { name: 'Eva' })).status, 403);
});

t.test('shifts are read as they were written', async (t) => {
  const { id } = (await owner('POST', at(), { name: 'Fred' })).body;
  t.same((await owner('GET', at(`/${id}/shifts`))).body, { shifts: [] });
  const shifts = [
    { weekday: 0, start: '08:00', end: '12:30' },
    { weekday: 6, start: '22:00', end: '06:00' },
  ];
  t.equal((await owner('PUT', at(`/${id}/shifts`), { shifts, why: 'escala' })).status, 200);
  t.same((await owner('GET', at(`/${id}/shifts`))).body, { shifts });
  for (const wrong of [
    { weekday: 7, start: '08:00', end: '09:00' },
    { weekday: 0, start: '24:00', end: '09:00' },
  ]) {
    t.match(await owner('PUT', at(`/${id}/shifts`), { shifts: [wrong], why: 'x' }), {
      status: 400,
      body: { code: 'BALTO_HTTP_FIELD', field: /^shifts\.0/ },
    });
  }
});

t.test('consent is recorded with basis and text; taken back, the voice is gone', async (t) => {
  const { id } = (await owner('POST', at(), { name: 'Gil' })).body;
  await enrol(id);
  t.match((await owner('GET', at(`/${id}`))).body, {
    consent: 'a_confirmar',
    voice: { state: 'cadastrada', speechMs: 3000 },
  });
  const given = { granted: true, basis: 'consentimento', textVersion: 'termo 3' };
  t.match((await owner('POST', at(`/${id}/consent`), given)).body, { consent: 'confirmado' });
  t.match(await owner('POST', at(`/${id}/consent`), { ...given, basis: 'porque sim' }), { status: 400 });
  t.match(await owner('POST', at(`/${id}/consent`), { granted: true }), { status: 400 });
  const taken = await owner('POST', at(`/${id}/consent`), { granted: false });
  t.match(taken.body, {
    consent: 'retirado',
    voice: { state: 'apagada', model: null, fileName: null, enrolledAt: null },
  });
  const { consents } = (await owner('GET', at(`/${id}/consent`))).body;
  t.match(consents, [
    { event: 'a_confirmar', author: 'cli' },
    { event: 'confirmado', author: 'admin:owner', basis: 'consentimento', textVersion: 'termo 3' },
    { event: 'retirado' },
    { event: 'voz_apagada' },
  ]);
  const answers = JSON.stringify([taken.body, (await owner('GET', at())).body, await store.audit.list(50)]);
  t.notOk(/vector|v1\./.test(answers), 'a voice is in no answer and in no audit');
});

t.test('a voice is sent as a form; without a provider it is not taken, and said why', async (t) => {
  const { id } = (await owner('POST', at(), { name: 'Hugo' })).body;
  const cookie = await server.login();
  const send = async (fields: Record<string, string | Blob>, employee = id) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const url = `${server.url}/api/v1${at(`/${employee}/voice`)}`;
    const answer = await fetch(url, { method: 'PUT', body: form, headers: { cookie } });
    return { status: answer.status, body: await answer.json() };
  };
  const pcm = Int16Array.from({ length: 3 * 16_000 }, (_, i) => 8000 * Math.sin(i / 10));
  const audio = new Blob([wavFile({ pcm, sampleRateHz: 16_000 })]);
  t.match(await send({ audio }), { status: 503, body: { code: 'BALTO_VOICE_NO_PROVIDER' } });
  t.match(await send({}), { status: 400 });
  t.match(await send({ audio, basis: 'consentimento' }), { status: 400, body: { field: 'textVersion' } });
  t.match(await send({ audio, basis: 'x', textVersion: '1' }), { status: 400, body: { field: 'basis' } });
  t.match(await send({ audio }, 999_999), { status: 404 });
  t.equal((await owner('PUT', at(`/${id}/voice`), {})).status, 400);
  await enrol(id);
  t.match(await owner('DELETE', at(`/${id}/voice`)), { status: 200, body: { voice: { state: 'apagada' } } });
});

t.test('the rules of voices: what a client says of a model holds over everybody’s', async (t) => {
  const model = 'speaker/acme:m';
  const everybodys = { models: { [model]: { score: 0.7, margin: 0.1 } }, diarize: true, why: 'medido' };
  t.equal((await owner('PUT', '/global/voices', everybodys)).status, 200);
  const consent = { basis: 'consentimento', textVersion: '1' };
  const own = await owner('PUT', `/clients/${client.clientId}/voices`, {
    models: { [model]: { score: 0.8 } },
    consent,
    why: 'x',
  });
  t.same(own.body.now, { models: { [model]: { score: 0.8, margin: 0.1 } }, diarize: true, consent });
  for (const wrong of [
    { models: { 'stt/acme:m': { score: 0.8 } } },
    { models: { [model]: { score: 2 } } },
    { outro: 1 },
  ]) {
    t.equal((await owner('PUT', '/global/voices', { ...wrong, why: 'x' })).status, 400, JSON.stringify(wrong));
  }
  t.equal((await owner('DELETE', '/global/voices', { why: 'x' })).status, 200);
});
