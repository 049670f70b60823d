import t from 'tap';
import { LocalTime } from '../../../core/http/local-time.ts';
import { openHouse, startHttpServer } from '../../helpers/http-server.ts';
import { interaction } from '../../helpers/interactions.ts';

const FIELDS = [
  ...['id', 'timestamp', 'nome_balcao', 'transcricao_completa', 'transcricao_normalizada', 'transcricao_classificacao'],
  ...['recomendacao_gerada', 'modelo_stt', 'ts_audio_received', 'ts_transcription_sent', 'ts_transcription_ready'],
  ...[
    'ts_ai_request',
    'ts_ai_response',
    'ts_client_sent',
    'snr',
    'nome_funcionario',
    'cpu_usage_percent',
    'ram_usage_mb',
  ],
  'mock_status',
];

const house = await openHouse(t);
const { store } = house;
const { get, login, url } = await startHttpServer(t, house);
const cookie = await login();

let counters = 0;
/** A new counter with `count` rows, a second apart from two before midnight in São Paulo. */
async function withRows(count: number) {
  counters++;
  const { client } = await store.clients.create({ email: `a@${counters}`, companyName: 'Farmácia' });
  const { counter } = await store.counters.register(client.clientId, `Caixa ${counters}`);
  const ids: number[] = [];
  for (let index = 0; index < count; index++) {
    const id = store.ids.nextId();
    ids.push(id);
    const row = interaction({
      id,
      clientId: client.clientId,
      counterId: counter.counterId,
      timestamp: new Date(Date.parse('2026-11-21T02:59:58.500Z') + index * 1000),
      transcript: `fala ${index}`,
      recommendation: index === 0 ? 'Nenhuma' : null,
      tsAudioReceived: new Date('2026-11-21T15:04:05.006Z'),
      decision: { rule: 'r' },
    });
    await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
  }
  await store.drained();
  return { ids, counter };
}

t.test('GET /api/data/interacoes: a bare array, newest first, exactly these fields', async (t) => {
  const { ids, counter } = await withRows(3);
  const answer = await get(`/api/data/interacoes?balcao_id=${counter.counterId}`, { cookie });
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('cache-control'), 'no-store');
  const rows = (await answer.json()) as Record<string, unknown>[];
  t.same(Object.keys(rows[0] ?? {}), FIELDS);
  t.same(
    rows.map(({ id }) => id),
    ids.toReversed(),
  );
  t.match(rows[2], {
    timestamp: '20/11/2026 23:59:58',
    nome_balcao: counter.name,
    transcricao_completa: 'fala 0',
    recomendacao_gerada: 'Nenhuma',
    ts_audio_received: '12:04:05.006',
    ts_ai_request: '-',
    snr: null,
    nome_funcionario: 'Cliente / Desconhecido',
  });
  t.equal(rows[0]?.['recomendacao_gerada'], null, 'NULL is not "Nenhuma"');
});

t.test('pages follow the Link header to the last row, none twice', async (t) => {
  const { ids, counter } = await withRows(60);
  const first = await get('/api/data/interacoes', { cookie });
  t.equal(((await first.json()) as unknown[]).length, 50, '50 unless limit says otherwise');
  const seen: number[] = [];
  let path: string | undefined = `/api/data/interacoes?limit=25&busca=fala&balcao_id=${counter.counterId}`;
  while (path) {
    const answer = await fetch(url + path, { headers: { cookie } });
    seen.push(...((await answer.json()) as { id: number }[]).map(({ id }) => id));
    path = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  t.same(seen, ids.toReversed());
  t.equal((await get('/api/data/interacoes?limit=9999', { cookie })).status, 200, 'more than 500 is 500');
});

t.test('filters, and what is no filter', async (t) => {
  const { counter } = await withRows(5);
  const own = `balcao_id=${counter.counterId}`;
  const count = async (query: string) =>
    ((await (await get(`/api/data/interacoes?${query}`, { cookie })).json()) as unknown[]).length;
  t.equal(await count(own), 5);
  t.equal(await count('balcao_id=outro'), 0);
  t.equal(await count(`${own}&inicio=2026-11-21`), 3, 'a date is midnight in São Paulo');
  t.equal(await count(`${own}&fim=2026-11-21T00:00`), 2);
  t.equal(await count(`${own}&inicio=2026-11-21T03:00:00Z`), 3);
  for (const wrong of ['limit=0', 'limit=x', 'cursor=lixo', 'inicio=ontem', 'fim=2026-13-45', 'busca=']) {
    t.equal((await get(`/api/data/interacoes?${wrong}`, { cookie })).status, 400, wrong);
  }
  t.equal(await count(`${own}&busca=%25`), 0, 'a percent sign is a percent sign');
});

t.test('GET /api/data/balcao/{id}/metricas: every column, times with a numeric offset', async (t) => {
  const { counter } = await withRows(120);
  const answer = await get(`/api/data/balcao/${counter.counterId}/metricas`, { cookie });
  t.equal(answer.status, 200);
  const body = (await answer.json()) as { balcao_id: string; interacoes: Record<string, unknown>[] };
  t.equal(body.balcao_id, counter.counterId);
  t.equal(body.interacoes.length, 120);
  const oldest = body.interacoes.at(-1);
  t.equal(oldest?.['timestamp'], '2026-11-20T23:59:58.500-03:00');
  t.equal(oldest?.['ts_audio_received'], '2026-11-21T12:04:05.006-03:00');
  t.equal(oldest?.['ts_client_sent'], null);
  t.same(oldest?.['decisao'], { rule: 'r' });
  t.ok(Object.keys(oldest ?? {}).length >= 65, 'every column of the table');
  t.equal((await get('/api/data/balcao/nenhum/metricas', { cookie })).status, 404);
});

t.test('without a session there is nothing to read', async (t) => {
  const answer = await get('/api/data/interacoes');
  t.equal(answer.status, 401);
  t.match(await answer.json(), { error: String, status: 401, code: 'BALTO_ADMIN_SESSION' });
});

t.test('local time near a change of clocks, and of the year', async (t) => {
  const berlin = new LocalTime('Europe/Berlin');
  t.equal(berlin.iso(new Date('2026-03-29T00:59:59.999Z')), '2026-03-29T01:59:59.999+01:00');
  t.equal(berlin.iso(new Date('2026-03-29T01:00:00.000Z')), '2026-03-29T03:00:00.000+02:00');
  t.equal(berlin.parse('2026-03-29T03:30')?.toISOString(), '2026-03-29T01:30:00.000Z');
  t.equal(berlin.parse('2026-10-25T12:00')?.toISOString(), '2026-10-25T11:00:00.000Z');
  const local = new LocalTime('America/Sao_Paulo');
  t.equal(local.dateTime(new Date('2027-01-01T02:00:00Z')), '31/12/2026 23:00:00');
  t.equal(local.iso(new Date('1969-12-31T23:59:59.999Z')), '1969-12-31T20:59:59.999-03:00');
  t.equal(local.parse('amanhã'), null);
});

t.test(
  'who read transcripts is in the audit: once for each read, with what was asked for, never what was searched',
  async (t) => {
    const { counter, ids } = await withRows(3);
    await get(`/api/data/interacoes?balcao_id=${counter.counterId}&busca=fala`, { cookie });
    await get(`/api/data/balcao/${counter.counterId}/metricas`, { cookie });
    await get(`/api/v1/interactions/${ids[0]}`, { cookie });
    const entries = (await store.audit.list(3)).map(({ action, target, after }) => ({ action, target, after }));
    t.same(entries, [
      { action: 'interactions.read', target: `interaction:${ids[0]}`, after: { rows: 1 } },
      { action: 'interactions.read', target: `counter:${counter.counterId}`, after: { rows: 3 } },
      {
        action: 'interactions.read',
        target: 'interactions',
        after: { rows: 3, counterId: counter.counterId, text: true },
      },
    ]);
  },
);
