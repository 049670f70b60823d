import t from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { startBalto } from '../helpers/balto.ts';
import { answerWith, shownTo, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** The lines of the wire contract's "Details of these answers" that need somebody who listens, one test each. */
const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
const FORBIDDEN = { candidato_id: 0, explicacao: 'Tome 2 comprimidos de amoxicilina 500 mg', tag: 'inventada' };
let offered: { candidato_id: number; explicacao: string; tag: string }[] = [];
const llm = await startOpenAi({
  respond: (request) => {
    const { candidatos } = shownTo(request);
    offered = candidatos
      .slice(0, 1)
      .map(({ candidato_id, tag }) => ({ candidato_id, tag, explicacao: 'Alivia o nariz.' }));
    return answerWith([...offered, FORBIDDEN], request);
  },
});
const house = await startBalto(t, {
  vendors: { elevenlabs, llm },
  env: { SHERPA_SPEAKER_FILE: '/nenhum/modelo.onnx' },
});
const cookie = await house.login();
const owner = apiOf(house.url, cookie);
const UNTIL_MS = 11_300;

async function send(path: string, fields: Record<string, string>, file: Uint8Array, headers = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('audio', new Blob([new Uint8Array(file)]), 'voz da ana.wav');
  const answer = await fetch(house.url + path, { method: 'POST', body: form, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

t.test(
  'cadastro/voz: balconista_id is the name; the same name replaces the voice; success:false in errors',
  async (t) => {
    const { code } = (await owner('POST', `/clients/${house.clientId}/code`)).body as { code: string };
    const enrol = (balconista_id: string, ms: number) =>
      send('/cadastro/voz', { user_codigo: code, balconista_id }, wavUntil(ms));
    const first = await enrol('Ana Lima', 11_000);
    const { consentimento, ...rest } = first.body;
    t.equal(first.status, 201);
    t.same(rest, {
      success: true,
      user_id: house.clientId,
      balconista_id: 'Ana Lima',
      funcionario_id: rest['funcionario_id'],
      audio_file_name: 'voz da ana.wav',
    });
    t.equal(consentimento, 'a_confirmar');
    const voiceOf = () =>
      house.balto.store.db.system((trx) =>
        trx.selectFrom('funcionarios').select(['id', 'voz']).where('nome', '=', 'Ana Lima').execute(),
      );
    const before = await voiceOf();
    const again = await enrol('Ana Lima', 9_000);
    t.equal(again.body['funcionario_id'], rest['funcionario_id']);
    const after = await voiceOf();
    t.equal(after.length, 1);
    t.not(after[0]?.voz, before[0]?.voz, 'replaced');
    t.match(await send('/cadastro/voz', { user_codigo: code }, wavUntil(11_000)), {
      status: 400,
      body: { success: false, error: 'Campo obrigatório: balconista_id' },
    });
  },
);

t.test('test/segmentar: audio_base64 is bare PCM s16le 16 kHz mono', async (t) => {
  const wav = wavUntil(UNTIL_MS);
  const { body } = await send('/api/test/segmentar', {}, wav, { cookie });
  const segments = body['segments'] as { size_bytes: number; duration_sec: number; audio_base64: string }[];
  t.equal(body['total_segments'], segments.length);
  t.ok(segments.length > 0);
  const source = Buffer.from(wav);
  for (const { audio_base64, size_bytes, duration_sec } of segments) {
    const pcm = Buffer.from(audio_base64, 'base64');
    t.equal(pcm.length, size_bytes);
    t.equal(duration_sec, size_bytes / 2 / 16_000);
    t.not(pcm.subarray(0, 4).toString('latin1'), 'RIFF');
    const middle = pcm.length / 2 - ((pcm.length / 2) % 2);
    t.ok(source.includes(pcm.subarray(middle, middle + 3200)), 'the very samples that were sent');
  }
});

t.test('test/transcrever: any stt id, or whom routing chooses', async (t) => {
  const texto = textOf(spokenUntil(UNTIL_MS));
  for (const fields of [{}, { provider: 'elevenlabs' }, { provider: 'stt/elevenlabs' }] as Record<string, string>[]) {
    const answer = await send('/api/test/transcrever', fields, wavUntil(UNTIL_MS), { cookie });
    t.same(answer, { status: 200, body: { texto } }, JSON.stringify(fields));
  }
  for (const provider of ['assemblyai', 'deepgram', 'gladia']) {
    const answer = await send('/api/test/transcrever', { provider }, wavUntil(2000), { cookie });
    t.match(answer, { status: 503, body: { field: 'provider' } }, `${provider} is known, and has no key here`);
  }
  t.equal((await send('/api/test/transcrever', { provider: 'nenhum' }, wavUntil(2000), { cookie })).status, 400);
});

t.test('test/analisar: deve_sugerir, evidencias and itens after the gate; no model → 503', async (t) => {
  const ask = async () => {
    const answer = await house.post('/api/test/analisar', { texto: 'estou com nariz entupido e coriza' }, { cookie });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const { status, body } = await ask();
  t.equal(status, 200);
  t.same(Object.keys(body).sort(), ['deve_sugerir', 'evidencias', 'itens']);
  const items = body['itens'] as Record<string, string>[];
  t.equal(offered.length, 1);
  t.equal(items.length, 1, 'what the model made up is not offered');
  t.same(Object.keys(items[0] ?? {}).sort(), ['explicacao', 'sugestao', 'tag']);
  t.notMatch(JSON.stringify(items), /amoxicilina|500 mg|inventada/);
  const evidence = body['evidencias'] as Record<string, string>[];
  t.ok(evidence.length > 0);
  for (const quote of evidence) t.match(quote, { tipo: /^[ABCX]$/, trecho: /\S/ });
  await llm.setFault({ kind: 'server_error' });
  t.match(await ask(), { status: 503, body: { code: 'BALTO_TEST_NO_MODEL' } });
});

t.test('/api/test/* needs an admin session or token', async (t) => {
  const FOREIGN: Record<string, string>[] = [
    {},
    { cookie: 'admin_token=auth_ok' },
    { authorization: `Bearer ${house.apiKey}` },
  ];
  const paths = ['/api/test/segmentar', '/api/test/transcrever', '/api/test/analisar'];
  for (const path of paths) {
    for (const headers of FOREIGN) {
      t.equal((await house.post(path, { texto: 'tosse' }, headers)).status, 401, `${path} ${Object.keys(headers)}`);
    }
  }
});
