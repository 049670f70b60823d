import t from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';
import { obedientModel, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
const obedient = obedientModel();
const quotes = { evidencias: [{ tipo: 'A', trecho: 'nariz entupido' }] };
const llm = await startOpenAi({ respond: (request) => ({ ...(obedient(request) as object), ...quotes }) });
const house = await startBalto(t, { vendors: { elevenlabs, llm } });
const cookie = await house.login();

/** Two sentences. */
const UNTIL_MS = 11_300;

async function send(path: string, fields: Record<string, string | Uint8Array>, headers = { cookie }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)]), 'fala.wav');
  }
  const answer = await fetch(house.url + path, { method: 'POST', headers, body: form });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function ledger() {
  await house.balto.store.drained();
  return house.balto.store.db.system((trx) =>
    trx
      .selectFrom('usage_ledger')
      .select(['kind', 'purpose', 'cliente_id as clientId', 'cost_micro_usd as cost'])
      .execute(),
  );
}

t.test('segmentar: utterances as a counter would cut them, as bare PCM', async (t) => {
  const { status, body } = await send('/api/test/segmentar', { audio: wavUntil(UNTIL_MS) });
  t.equal(status, 200);
  const segments = body['segments'] as { size_bytes: number; duration_sec: number; audio_base64: string }[];
  t.equal(body['total_segments'], 2);
  t.equal(segments.length, 2);
  for (const { size_bytes, duration_sec, audio_base64 } of segments) {
    t.equal(Buffer.from(audio_base64, 'base64').length, size_bytes);
    t.equal(duration_sec, size_bytes / 32_000);
    t.ok(duration_sec > 2 && duration_sec < 8);
  }
  t.equal(elevenlabs.requests.length, 0, 'no vendor is asked');
});

t.test('transcrever: by routing, or by who is named; billed as a test', async (t) => {
  const spoken = textOf(spokenUntil(UNTIL_MS));
  const routed = await send('/api/test/transcrever', { audio: wavUntil(UNTIL_MS) });
  t.same(routed, { status: 200, body: { texto: spoken } });
  const named = await send('/api/test/transcrever', { audio: wavUntil(UNTIL_MS), provider: 'elevenlabs' });
  t.same(named.body, { texto: spoken });
  const own = { audio: wavUntil(UNTIL_MS), provider: 'stt/elevenlabs', cliente_id: house.clientId };
  t.equal((await send('/api/test/transcrever', own)).status, 200);
  const lines = await ledger();
  t.equal(lines.length, 6, 'two utterances, three times');
  t.ok(lines.every(({ kind, purpose, cost }) => kind === 'stt' && purpose === 'test' && cost > 0));
  t.same([...new Set(lines.map(({ clientId }) => clientId))].sort(), ['', house.clientId].sort());
  t.same(await house.rows(), [], 'no interaction');
});

t.test('analisar: what passes the gate', async (t) => {
  const answer = await house.post(
    '/api/test/analisar',
    { texto: 'acordei com nariz entupido, espirrando' },
    { cookie },
  );
  t.equal(answer.status, 200);
  const body = (await answer.json()) as { deve_sugerir: boolean; evidencias: object[]; itens: object[] };
  t.same(Object.keys(body).sort(), ['deve_sugerir', 'evidencias', 'itens']);
  t.equal(body.deve_sugerir, true);
  t.match(body.itens[0], { sugestao: String, explicacao: String, tag: String });
  t.match(body.evidencias[0], { tipo: /^[ABCX]$/, trecho: String });
  t.ok((await ledger()).some(({ kind, purpose }) => kind === 'llm' && purpose === 'test'));
});

t.test('refusals name the field', async (t) => {
  const audio = wavUntil(2000);
  const refused = async (path: string, fields: Record<string, string | Uint8Array>, status: number, code: string) => {
    const answer = await send(`/api/test/${path}`, fields);
    t.match(answer, { status, body: { error: String, code } }, `${path} ${code}`);
  };
  await refused('segmentar', { outro: audio }, 400, 'BALTO_HTTP_FIELD');
  await refused('segmentar', { audio: new Uint8Array(0) }, 400, 'BALTO_HTTP_FIELD');
  await refused('segmentar', { audio: new TextEncoder().encode('ID3 isto não é som') }, 400, 'BALTO_TEST_FORMAT');
  await refused('segmentar', { audio: new Uint8Array(121 * 32_000) }, 413, 'BALTO_TEST_TOO_LONG');
  await refused('segmentar', { audio: new Uint8Array(17 * 1024 * 1024) }, 413, 'BALTO_HTTP_TOO_LARGE');
  await refused('transcrever', { audio, provider: 'nenhum' }, 400, 'BALTO_TEST_PROVIDER');
  await refused('transcrever', { audio, provider: '../x' }, 400, 'BALTO_TEST_PROVIDER');
  await refused('transcrever', { audio, provider: 'gladia' }, 503, 'BALTO_TEST_PROVIDER');
  await refused('transcrever', { audio, cliente_id: 'nenhum' }, 404, 'BALTO_CLIENT_UNKNOWN');
  t.equal((await send('/api/test/segmentar', { audio }, { cookie: 'admin_token=auth_ok' })).status, 401);
  const broken = await fetch(`${house.url}/api/test/segmentar`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="audio"; filename="a"\r\n\r\nabc',
  });
  t.match(await broken.json(), { status: 400, code: 'BALTO_HTTP_BODY' });
  for (const texto of [undefined, '', ' ', 'x'.repeat(4001)]) {
    t.equal((await house.post('/api/test/analisar', { texto }, { cookie })).status, 400);
  }
});

t.test('without a model there is nothing to analyse with', async (t) => {
  await llm.setFault({ kind: 'server_error' });
  const answer = await house.post('/api/test/analisar', { texto: 'estou com tosse' }, { cookie });
  t.match(await answer.json(), { status: 503, code: 'BALTO_TEST_NO_MODEL' });
});
