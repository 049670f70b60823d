import t from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, openBalto, runBalto, startBalto, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { postgres } from '../helpers/databases.ts';
import { Seen } from '../helpers/seen.ts';
import { spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';

const UNTIL_MS = 11_300;
const coverage = new Coverage(await wavReference());

t.test('with no transcription configured it starts, says what is missing, and keeps what it can', async (t) => {
  const house = await startBalto(t);
  const ready = await house.get('/health/ready');
  t.equal(ready.status, 503);
  t.match(((await ready.json()) as { missing: string[] }).missing.join(), /ELEVENLABS_API_KEY/u);
  t.equal((await house.get('/health/live')).status, 200);
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  await seen.until(({ utterances }) => utterances.length === 2);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const none = { interactionType: 'sem_provedor', transcript: null, recommendation: null, sttModel: null };
  t.match(await house.rows(), [
    { ...none, segment: 1 },
    { ...none, segment: 2, decision: { lostMs: 0 } },
  ]);
  t.same(seen.lost, [], 'which is no loss');
});

t.test('MOCK_MODE sends labelled cards and calls nobody', async (t) => {
  const elevenlabs = await startElevenLabs({ listening: coverage });
  const env = { MOCK_MODE: '1', MOCK_LATENCY_MIN: '0', MOCK_LATENCY_MAX: '0.01' };
  const house = await startBalto(t, { vendors: { elevenlabs }, env });
  t.equal((await house.get('/health/ready')).status, 200);
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  const card = await counter.receive('recomendar');
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  t.match(card, { produto: /SIMULADO/u, itens: [{ sugestao: /SIMULADO/u }] });
  t.equal(elevenlabs.requests.length, 0);
  const rows = await house.rows();
  const carded = rows.filter(({ recommendation }) => recommendation !== null);
  t.ok(carded.length > 0);
  for (const row of rows) t.match(row, { interactionType: 'mock_voice', feedback: 'mock_voice' });
  for (const { mockStatus } of carded) t.same(JSON.parse(mockStatus ?? ''), { voz: true, recomendacao: true });
});

t.test('MOCK_VOICE says in each row that only the voice was simulated', async (t) => {
  const env = { MOCK_VOICE: '1', MOCK_LATENCY_MIN: '0', MOCK_LATENCY_MAX: '0.01', BALTO_VAD: 'vad/webrtc' };
  const house = await startBalto(t, { env });
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  await counter.receive('recomendar');
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const rows = await house.rows();
  for (const { mockStatus } of rows) t.same(JSON.parse(mockStatus ?? ''), { voz: true, recomendacao: false });
  for (const row of rows) t.match(row, { vadAggressiveness: 3 }, 'the detector that listened has a scale');
});

const url = process.env['TEST_DATABASE_URL'];
const skip = url ? false : 'TEST_DATABASE_URL is not set: no external database to take away';

t.test('an external database that is away at start, and goes away again', { skip }, async (t) => {
  const elevenlabs = await startElevenLabs({ listening: coverage });
  t.teardown(() => elevenlabs.close());
  const database = await postgres(t, url ?? '');
  const behind = new URL(database.options.url ?? '');
  const first = await runBalto(t, storeEnv(database));
  await first.close();
  const proxy = new TcpProxy({ host: behind.hostname, port: Number(behind.port || 5432) });
  await proxy.open();
  t.teardown(() => proxy.shut());
  await proxy.shut();
  behind.host = `127.0.0.1:${proxy.port}`;
  const house = await openBalto(t, {
    ...storeEnv(database),
    DATABASE_URL: behind.href,
    ...vendorEnv({ elevenlabs }),
  });
  house.secrets.push(first.apiKey);

  const away = await house.get('/health/ready');
  t.equal(away.status, 503);
  t.match(((await away.json()) as { missing: string[] }).missing.join(), /banco de dados/u);
  t.equal((await house.get('/health/live')).status, 200);
  const refused = await connectCounter(house.ws, first.apiKey);
  t.match(await refused.closed, { code: 4002, reason: /retry_ms=\d{4}$/u });

  await proxy.open();
  await house.balto.store.ready();
  t.equal((await house.get('/health/ready')).status, 200);
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, first.apiKey);
  await streamFile(counter.socket, wavUntil(5400));
  await seen.until(({ utterances }) => utterances.length === 1);

  await proxy.shut();
  await streamFile(counter.socket, wavUntil(UNTIL_MS).subarray(44 + 5400 * 32));
  await seen.until(({ utterances }) => utterances.length === 2);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  await proxy.open();
  const rows = await house.rows();
  t.same(
    rows.map(({ segment }) => segment),
    [1, 2],
    'what was said in the outage is stored, once',
  );
  t.equal(seen.text, textOf(spokenUntil(UNTIL_MS)));
});
