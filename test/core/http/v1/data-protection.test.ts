import t from 'tap';
import { audioPath } from '../../../../core/store/audio-files.ts';
import { insertInteractions } from '../../../../core/store/interactions.ts';
import { apiOf, ownerApi } from '../../../helpers/admin-api.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { interaction } from '../../../helpers/interactions.ts';
import { sessionOf } from '../../../helpers/people.ts';

const house = await openHouse(t);
const { store, clock } = house;
const server = await startHttpServer(t, house);
const owner = await ownerApi(server);
const cookie = await server.login();
const companyName = 'Farmácia <b>Ana</b> & Filhos';
const { clientId } = (await store.clients.create({ email: 'a@x', companyName })).client;
const { counterId } = (await store.counters.register(clientId, 'Caixa')).counter;
const base = `/clients/${clientId}`;

async function heard(transcript: string) {
  const id = store.ids.nextId();
  const at = clock.date();
  const path = audioPath({ id, counterId, at });
  await store.audio.write(path, Buffer.from('RIFF de mentira'));
  const row = interaction({ id, clientId, counterId, transcript, timestamp: at, audioFilePath: path });
  await store.db.system((trx) => insertInteractions(trx, [row]));
  return id;
}

t.test('how long data is kept is the client’s to say, within limits, and in the audit', async (t) => {
  const first = await owner('GET', `${base}/data-protection`);
  const usual = { transcriptDays: 30, metricsMonths: 13, audioDays: 0 };
  t.match(first.body, { revision: 0, retention: usual, audio: null, auditYears: 5 });
  const wish = { transcriptDays: 7, metricsMonths: 6, audioDays: 2, why: 'menos é mais' };
  const set = await owner('PUT', `${base}/data-protection/retention`, wish);
  t.match(set.body, { revision: 1, retention: { transcriptDays: 7 } });
  const late = await owner('PUT', `${base}/data-protection/retention`, wish, { 'if-match': '"0"' });
  t.equal(late.status, 412);
  const never = await owner('PUT', `${base}/data-protection/retention`, { ...wish, transcriptDays: 3650 });
  t.match([never.status, never.body.field], [400, 'transcriptDays']);
  t.match((await store.audit.list(1))[0], { action: 'retention.set', why: 'menos é mais' });
});

t.test('voices are kept by decision only: a reason, a basis and an end', async (t) => {
  const day = 86_400_000;
  const until = new Date(clock.date().getTime() + 10 * day).toISOString();
  const body = { why: 'investigar falhas de transcrição', basis: 'consentimento', until };
  for (const [missing, field] of [
    [{ ...body, why: undefined }, 'why'],
    [{ ...body, basis: 'porque sim' }, 'basis'],
    [{ ...body, until: '2020-01-01' }, 'until'],
    [{ ...body, until: '2099-01-01' }, 'until'],
  ] as const) {
    const refused = await owner('PUT', `${base}/data-protection/audio`, missing);
    t.match([refused.status, refused.body.field], [400, field], field);
  }
  const on = await owner('PUT', `${base}/data-protection/audio`, body);
  t.match(on.body.audio, { reason: body.why, basis: 'consentimento', until });
  const map = await owner('GET', `${base}/data-map`);
  t.match(map.body.missing, [/atendimento/, /guarda_de_audio/]);
  const off = await owner('DELETE', `${base}/data-protection/audio`, { why: 'já basta' });
  t.equal(off.body.audio, null);
});

t.test('legal bases are kept, and the notice says them without asking for anything from anywhere', async (t) => {
  const recorded = { purpose: 'atendimento', basis: 'tutela_da_saude', description: 'assistência farmacêutica' };
  t.equal((await owner('POST', `${base}/legal-bases`, { ...recorded, basis: 'consentimento' })).status, 201);
  t.equal((await owner('POST', `${base}/legal-bases`, recorded)).status, 201);
  const { body } = await owner('GET', `${base}/legal-bases`);
  t.match(body.items, [
    { basis: 'tutela_da_saude', endedAt: null },
    { basis: 'consentimento', endedAt: String },
  ]);
  t.same((await owner('GET', `${base}/data-map`)).body.missing, []);
  const answer = await server.get(`/api/v1${base}/notice`, { cookie });
  const page = await answer.text();
  t.match(answer.headers.get('content-type'), /text\/html/);
  t.match(page, /tutela da saúde \(LGPD, art\. 11, II, f\)/);
  t.match(page, 'Farmácia &lt;b&gt;Ana&lt;/b&gt; &amp; Filhos');
  t.notMatch(page, /<script|src=|href=|url\(|@import/);
});

t.test('the data map says what is kept, and for how long', async (t) => {
  const { body } = await owner('GET', `${base}/data-map`);
  t.match(body.kept, [
    { what: /texto das falas/, howLong: '7 dias' },
    { howLong: '6 meses' },
    { howLong: /não é guardado/ },
    {},
  ]);
});

t.test('a voice is heard by whoever may, and each time is in the audit', async (t) => {
  const id = await heard('olá');
  const viewer = await sessionOf(store, { clientId, role: 'farmaceutico' });
  t.equal((await server.get(`/api/v1/interactions/${id}/audio`, { cookie: viewer })).status, 403);
  const answer = await server.get(`/api/v1/interactions/${id}/audio`, { cookie });
  t.match(
    [answer.status, answer.headers.get('content-type'), await answer.text()],
    [200, 'audio/wav', 'RIFF de mentira'],
  );
  t.match((await store.audit.list(1))[0], { action: 'audio.read', target: `interaction:${id}` });
  t.equal((await owner('GET', '/interactions/999999/audio')).status, 404);
});

t.test('the owner of a client hands out and erases; an administrator does not', async (t) => {
  const id = await heard('canário');
  const admin = apiOf(server.url, await sessionOf(store, { clientId, role: 'admin' }));
  const order = { interaction: id, why: 'a pedido do titular' };
  t.equal((await admin('POST', `${base}/lgpd/erase`, order)).status, 403);
  for (const [wrong, field] of [
    [{ why: 'x' }, 'scope'],
    [{ ...order, counter: counterId }, 'scope'],
    [{ from: '2026-02-01', to: '2026-01-01', why: 'x' }, 'to'],
  ] as const) {
    const refused = await owner('POST', `${base}/lgpd/erase`, wrong);
    t.match([refused.status, refused.body.field], [400, field]);
  }
  const given = await server.post(`/api/v1${base}/lgpd/export`, order, { cookie });
  const lines = (await given.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(lines, [
    { tabela: 'interacoes', linha: { transcricao_completa: 'canário' } },
    { recibo: { action: 'export' } },
  ]);
  const erased = await owner('POST', `${base}/lgpd/erase`, order);
  t.match(erased.body, {
    action: 'erase',
    scope: { interaction: id },
    counts: { interacoes: 1, arquivos_de_audio: 1 },
  });
  t.equal((await owner('GET', `/interactions/${id}`)).status, 404);
  t.match((await owner('GET', `${base}/lgpd/receipts`)).body.items, [{ action: 'erase' }, { action: 'export' }]);
});
