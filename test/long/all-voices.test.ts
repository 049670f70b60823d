import t from 'tap';
import { CORE_SAMPLE_RATE_HZ, wavFile } from '../../core/contracts/index.ts';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { conversation, streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { wavUntil } from '../helpers/talk.ts';

type Speaker = 'atendente' | 'cliente';

const HEARD = 3;
/** What is said up to here is heard: a line of the attendant's, one of the customer's, and one more. Voices are taken from what is said after it. */
const UNTIL_MS = (conversation().script.utterances[HEARD - 1]?.endMs ?? 0) + 1000;
const MODELS = { 'speaker/acoustic-voice:timbre-1': { score: 0.5, margin: 0.1, minMs: 1200 } };

/** Somebody's later lines, as a file. */
function recording(speaker: Speaker): Blob {
  const { script, pcm } = conversation();
  const lines = script.utterances.filter((line) => line.speaker === speaker && line.startMs > UNTIL_MS);
  const at = (ms: number) => ms * (CORE_SAMPLE_RATE_HZ / 1000);
  const said = lines.slice(0, 3).flatMap(({ startMs, endMs }) => [...pcm.subarray(at(startMs), at(endMs))]);
  return new Blob([wavFile({ pcm: Int16Array.from(said), sampleRateHz: CORE_SAMPLE_RATE_HZ })]);
}

async function house() {
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  const env = { MOCK_RECOMMENDATION: '1', SHERPA_SPEAKER_FILE: '/nenhum/modelo.onnx' };
  const balto = await startBalto(t, { vendors: { elevenlabs }, env });
  const api = apiOf(balto.url, await balto.login());
  const renewed = await api('POST', `/clients/${balto.clientId}/code`);
  const enrol = async (name: string, speaker: Speaker, code = renewed.body.code as string) => {
    const form = new FormData();
    form.set('user_codigo', code);
    form.set('balconista_id', name);
    form.set('audio', recording(speaker), `${speaker}.wav`);
    const answer = await fetch(`${balto.url}/cadastro/voz`, { method: 'POST', body: form });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const at = (path: string) => `/clients/${balto.clientId}${path}`;
  return { balto, api, enrol, at, code: renewed.body.code as string };
}

async function talk(balto: RunningBalto): Promise<void> {
  const seen = new Seen(balto.observer);
  const counter = await connectCounter(balto.ws, balto.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length >= HEARD);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
}

/** Rows by who spoke them, as the script has it. */
async function bySpeaker(balto: RunningBalto, from = 0) {
  const rows = (await balto.rows()).slice(from);
  const { utterances } = conversation().script;
  return rows.flatMap((row) => {
    const [start = 0, end = 0] = (row.decision as { samples: [number, number] }).samples;
    const middleMs = (start + end) / 2 / 16;
    const line = utterances.find(({ startMs, endMs }) => startMs <= middleMs && middleMs <= endMs);
    const scores = JSON.parse(row.speakerData ?? '[]') as { id: number; name: string; score: number; hint?: true }[];
    return line ? [{ speaker: line.speaker, employeeId: row.employeeId, scores }] : [];
  });
}

const { balto, api, enrol, at, code } = await house();

t.test('without a consent nobody is compared', async (t) => {
  t.equal((await enrol('Ana', 'atendente')).status, 201);
  await talk(balto);
  t.ok((await balto.rows()).every(({ employeeId, speakerData }) => employeeId === null && speakerData === null));
});

t.test('from the tools’ own routes to the row: who is on shift, and consented, is recognised', async (t) => {
  const before = (await balto.rows()).length;
  const ana = await enrol('Ana', 'atendente');
  t.match(ana, {
    status: 201,
    body: {
      success: true,
      user_id: balto.clientId,
      balconista_id: 'Ana',
      funcionario_id: Number,
      audio_file_name: 'atendente.wav',
      consentimento: 'a_confirmar',
    },
  });
  const outro = await enrol('Outro', 'cliente');
  const anaId = Number(ana.body['funcionario_id']);
  const outroId = Number(outro.body['funcionario_id']);
  const declared = {
    consent: { basis: 'consentimento', textVersion: '2026-11' },
    models: MODELS,
    why: 'termo assinado',
  };
  t.equal((await api('PUT', at('/voices'), declared)).status, 200);
  const now = new Date();
  const elsewhere = (now.getUTCDay() + 2) % 7; // two or three days from now, in any zone
  const shift = {
    user_codigo: code,
    funcionario_id: outroId,
    dias_semana: [elsewhere],
    hora_inicio: '08:00',
    hora_fim: '08:01',
  };
  const set = await balto.post('/cadastro/turno', shift);
  t.same([set.status, await set.json()], [200, { success: true, message: 'Turnos gravados.' }]);

  await talk(balto);
  const heard = await bySpeaker(balto, before);
  const attendant = heard.filter(({ speaker }) => speaker === 'atendente');
  t.ok(attendant.length >= 2 && heard.length > attendant.length);
  const known = attendant.filter(({ employeeId }) => employeeId === anaId);
  t.ok(known.length > 0, JSON.stringify(heard));
  const customers = heard.filter(({ speaker }) => speaker === 'cliente');
  t.ok(
    customers.every(({ employeeId }) => employeeId === null),
    'the customer is nobody',
  );
  t.ok(
    customers.some(({ scores }) => scores.length === 1),
    'scored all the same',
  );
  const all = heard.flatMap(({ scores }) => scores);
  t.ok(
    all.every(({ id, name, hint }) => id === anaId && name === 'Ana' && hint === true),
    'only who is on shift',
  );
  const rows = (await balto.rows()).length;

  await balto.post('/cadastro/turno', { ...shift, dias_semana: [] });
  await talk(balto);
  const again = await bySpeaker(balto, rows);
  t.ok(
    again.some(({ speaker, employeeId }) => speaker === 'cliente' && employeeId === outroId),
    JSON.stringify(again),
  );
  t.ok(
    again.every(({ scores }) => scores.length !== 1),
    'both are compared',
  );
  t.ok(
    again.every(({ scores: [best, next] }) => !best || !next || best.score >= next.score),
    'best first',
  );
  const page = await api('GET', '/api/data/interacoes?limit=50');
  const names = new Set((page.body as { nome_funcionario: string }[]).map(({ nome_funcionario }) => nome_funcionario));
  t.same([...names].sort(), ['Ana', 'Cliente / Desconhecido', 'Outro']);

  await api('DELETE', at(`/employees/${anaId}`));
  t.equal((await api('GET', at(`/employees/${anaId}`))).status, 404);
  t.match(await api('GET', at(`/employees/${anaId}/consent`)), {
    body: { consents: [{ event: 'a_confirmar' }, { event: 'a_confirmar' }, { event: 'voz_apagada' }] },
  });
  t.notOk(
    balto.log.some((line) => line.includes('"Ana"')),
    'no log names anybody',
  );
});

t.test('/cadastro/voz refuses in words, with success: false', async (t) => {
  const send = async (fields: Record<string, string | Blob>, headers: Record<string, string> = {}) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const answer = await fetch(`${balto.url}/cadastro/voz`, { method: 'POST', body: form, headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const audio = recording('atendente');
  const good = { user_codigo: code, balconista_id: 'Ana' };
  const cases: [number, string, Record<string, string | Blob>][] = [
    [400, 'Campo obrigatório: user_codigo', { balconista_id: 'Ana', audio }],
    [400, 'Campo obrigatório: balconista_id', { user_codigo: code, balconista_id: ' ', audio }],
    [400, 'Campo obrigatório: audio', good],
    [
      400,
      'Áudio: formato não reconhecido ou não suportado: desconhecido.',
      { ...good, audio: new Blob(['x'.repeat(99_000)]) },
    ],
    [
      400,
      'Áudio: não há som no arquivo.',
      { ...good, audio: new Blob([wavFile({ pcm: new Int16Array(0), sampleRateHz: 16_000 })]) },
    ],
    [400, 'Há 1,0 s de fala no áudio; são precisos 2,0 s.', { ...good, audio: tone(1) }],
    [
      413,
      'Arquivo ou campo grande demais (no máximo 12 MiB).',
      { ...good, audio: new Blob([new Uint8Array(13 * 1024 * 1024)]) },
    ],
    [404, 'Codigo invalido ou expirado', { ...good, user_codigo: code === '000000' ? '000001' : '000000', audio }],
    [404, 'Codigo invalido ou expirado', { audio, ...good, user_codigo: balto.clientId }],
  ];
  for (const [status, error, fields] of cases) {
    const answer = await send(fields);
    t.match(answer, { status, body: { error, success: false } }, error);
  }
  const page = await fetch(`${balto.url}/cadastro/voz`, {
    method: 'POST',
    headers: { origin: 'https://loja.example' },
  });
  t.equal(page.headers.get('access-control-allow-origin'), '*', 'a web page may call it');
  const json = await balto.post('/cadastro/voz', good);
  t.match([json.status, await json.json()], [400, { success: false, error: /multipart/ }]);
  const cookie = await balto.login();
  const byId = await send({ ...good, user_codigo: balto.clientId, audio }, { cookie });
  t.equal(byId.status, 201, 'the client’s id, with a session');
  t.equal(
    (await enrol(' Ana ', 'cliente')).body['funcionario_id'],
    byId.body['funcionario_id'],
    'the same name is the same person',
  );
  const listed = await api('GET', at('/employees?q=ana'));
  t.match(listed.body.items, [
    { name: 'Ana', voice: { state: 'cadastrada', model: 'speaker/acoustic-voice:timbre-1' } },
  ]);
  const use = { use: ['speaker/sherpa'], why: 'modelo ainda não instalado' };
  t.match(await api('PUT', at('/providers/speaker'), use), { status: 400, body: { code: 'BALTO_CONFIG_PROBE' } });
});

/** So many seconds of a tone that stands for speech. */
function tone(seconds: number): Blob {
  const pcm = Int16Array.from({ length: seconds * 16_000 }, (_, i) => 8000 * Math.sin(i / 10));
  return new Blob([wavFile({ pcm, sampleRateHz: 16_000 })]);
}
