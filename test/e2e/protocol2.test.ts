import { once } from 'node:events';
import t from 'tap';
import { startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { CuttingProxy } from '../helpers/cutting-proxy.ts';
import { Device } from '../helpers/device.ts';
import { inOrder, Seen } from '../helpers/seen.ts';
import { obedientModel, pcmBetween, spokenUntil, textOf } from '../helpers/talk.ts';
import type { TestCounter } from '../helpers/ws-client.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);
const STREAM = pcmBetween(0, UNTIL_MS);
const reference = await wavReference();
const coverage = new Coverage(reference);
const elevenlabs = await startElevenLabs({ listening: coverage });
const llm = await startOpenAi({ respond: obedientModel() });
const house = await startBalto(t, { vendors: { elevenlabs, llm }, env: { BALTO_RESUME_WINDOW_S: '2' } });

/** Sessions of one test are over before the next begins. */
const all = new Seen(house.observer);
t.afterEach(() => all.until(({ opened, closed }) => opened === closed));

const HELLO = { protocolo: 2, audio: { formato: 'pcm_s16le' } };
const connect = (handshake: object = {}, apiKey = house.apiKey) =>
  connectCounter(house.ws, apiKey, { ...HELLO, ...handshake });

/** The connection's first message. */
async function ready(counter: TestCounter): Promise<Record<string, unknown>> {
  const pronto = await counter.receive('pronto');
  t.equal(counter.messages[0], pronto, 'pronto comes before everything else');
  return pronto;
}

/** The newest `ack`, once it holds. */
async function acked(counter: TestCounter, holds: (ack: { bytes: number; seguros: number }) => boolean) {
  for (;;) {
    const ack = counter.messages.findLast(({ comando }) => comando === 'ack') as { bytes: number; seguros: number };
    if (ack && holds(ack)) return ack;
    await once(counter.socket, 'message');
  }
}

t.test('pronto says where the session stands; ack says what need not be kept', async (t) => {
  const counter = await connect();
  t.match(await ready(counter), {
    comando: 'pronto',
    sessao: /^[0-9a-f-]{36}$/,
    token_retomada: /^[\w-]{43}$/,
    versao_config: Number,
    bytes: 0,
    limites: { buffer_s: 60, retomada_s: 2, quadro_bytes: 1_048_576, texto_bytes: 16_384 },
  });
  await streamFile(counter.socket, STREAM, { durationS: UNTIL_MS / 1000, speed: 4 });
  const last = await acked(counter, ({ seguros }) => seguros > 13_000 * 32);
  t.equal(last.bytes, STREAM.length, 'everything is received');
  const acks = counter.messages.filter(({ comando }) => comando === 'ack') as { bytes: number; seguros: number }[];
  t.ok(acks.length >= 3, `${acks.length} in 3.5 s`);
  t.ok(
    acks.every(({ bytes, seguros }) => seguros <= bytes && seguros % 2 === 0),
    'between two samples',
  );
  for (const [index, { startMs }] of SPOKEN.entries()) {
    const into = counter.messages.findIndex(({ seguros }) => Number(seguros) > startMs * 32);
    const told = counter.messages.findIndex(({ segmento, final }) => segmento === index + 1 && final === true);
    t.ok(told >= 0 && into > told, `sentence ${index + 1} is safe once it is stored, and not before`);
  }
  counter.socket.close(1000);
});

t.test(
  'what is heard is shown: partials replace each other, a final closes; protocol 1 sees nothing of it',
  async (t) => {
    const deepgram = await startDeepgram({ listening: new Coverage(reference), latencyMs: 5 });
    const streaming = await startBalto(t, { vendors: { deepgram }, env: { MOCK_RECOMMENDATION: '1' } });
    const device = await connectCounter(streaming.ws, streaming.apiKey, HELLO);
    const old = await connectCounter(streaming.ws, streaming.apiKey);
    const seen = new Seen(streaming.observer);
    const pace = { durationS: 10, speed: 6 };
    await Promise.all([
      streamFile(device.socket, pcmBetween(0, 10_800), pace),
      streamFile(old.socket, pcmBetween(0, 10_800), pace),
    ]);
    await seen.until(({ utterances }) => utterances.length === 4);
    device.say({ comando: 'ping' });
    await device.receive('pong');
    const told = device.messages.filter(({ comando }) => comando === 'transcricao');
    for (const [index, { text }] of SPOKEN.slice(0, 2).entries()) {
      const of = told.filter(({ segmento }) => segmento === index + 1);
      t.ok(of.length > 1, `${of.length} of segment ${index + 1}`);
      t.same(
        of.map(({ final }) => final),
        [...of.slice(1).map(() => false), true],
      );
      t.equal(of.at(-1)?.['texto'], text);
      t.ok(of.slice(0, -1).every(({ texto }) => text.startsWith(String(texto).slice(0, 5))));
    }
    t.same(old.messages, []);
  },
);

t.test('a card is repeated to the next connection until the device has received it', async (t) => {
  const seen = new Seen(house.observer);
  const first = await connect();
  const { token_retomada, sessao } = await ready(first);
  await streamFile(first.socket, STREAM);
  first.say({ comando: 'fim' });
  const card = await first.receive('recomendar');
  await seen.until(({ cards }) => cards.some(({ segments }) => segments.includes(SPOKEN.length)));
  first.socket.terminate();
  const second = await connect({ retomar: token_retomada });
  t.match(await ready(second), { sessao, bytes: STREAM.length });
  t.same(await second.receive('recomendar'), card);
  second.socket.terminate();
  const third = await connect({ retomar: token_retomada });
  t.same(await third.receive('recomendar'), card, 'and again');
  for (const { interactionId } of seen.cards) third.say({ comando: 'recebido', interacao_id: interactionId });
  third.say({ comando: 'ping' });
  await third.receive('pong');
  third.socket.terminate();
  const fourth = await connect({ retomar: token_retomada });
  fourth.say({ comando: 'ping' });
  await fourth.receive('pong');
  t.same(
    fourth.messages.filter(({ comando }) => comando === 'recomendar'),
    [],
  );
  fourth.socket.close(1000);
});

t.test('a card that is made while the device is away comes when it is back, and its row says so', async (t) => {
  await llm.setFault({ kind: 'latency', ms: 400 });
  const seen = new Seen(house.observer);
  const first = await connect();
  const { token_retomada } = await ready(first);
  const asked = llm.nextRequest();
  await streamFile(first.socket, STREAM);
  await asked;
  first.socket.terminate();
  await seen.until(({ cards }) => cards.some(({ delivery }) => delivery === 'aguarda_retomada'));
  await llm.setFault(null);
  const waiting = seen.cards.find(({ delivery }) => delivery === 'aguarda_retomada');
  t.match(
    (await house.rows()).find(({ id }) => id === waiting?.interactionId),
    {
      tsClientSent: null,
      gate: { entrega: 'aguarda_retomada' },
    },
  );
  const second = await connect({ retomar: token_retomada });
  t.match(await second.receive('recomendar'), { interacao_id: waiting?.interactionId });
  second.say({ comando: 'recebido', interacao_id: waiting?.interactionId });
  second.socket.close(1000);
  await seen.until(({ closed }) => closed === 1);
  const row = (await house.rows()).find(({ id }) => id === waiting?.interactionId);
  t.match(row, { tsClientSent: Date, gate: { entrega: 'enviado' } });
});

t.test('of two connections with one token the newer one has the session; the older is told 4009', async (t) => {
  const seen = new Seen(house.observer);
  const older = await connect();
  const { token_retomada, sessao } = await ready(older);
  await streamFile(older.socket, pcmBetween(0, 7001));
  await acked(older, ({ bytes }) => bytes === 7001 * 32);
  const newer = await connect({ retomar: token_retomada });
  t.match(await older.closed, { code: 4009 });
  t.match(await ready(newer), { sessao, bytes: 7001 * 32 });
  await streamFile(newer.socket, pcmBetween(7001, UNTIL_MS));
  newer.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN.length);
  newer.socket.close(1000);
  await seen.until(({ closed }) => closed === 1);
  t.equal(seen.text, textOf(SPOKEN));
  t.equal(seen.opened, 1);
});

t.test('a token that is wrong, of another counter or too old is refused with the field', async (t) => {
  const wrong = await connect({ retomar: 'A'.repeat(43) });
  t.same(await wrong.closed, { code: 4000, reason: 'handshake inválido: retomar' });
  const mine = await connect();
  const { token_retomada } = await ready(mine);
  const other = await house.addCounter();
  const foreign = await connect({ retomar: token_retomada }, other.apiKey);
  t.same(await foreign.closed, { code: 4000, reason: 'handshake inválido: retomar' });
  const seen = new Seen(house.observer);
  await streamFile(mine.socket, pcmBetween(0, 8000));
  await acked(mine, ({ bytes }) => bytes === 8000 * 32);
  mine.socket.terminate();
  await seen.until(({ closed }) => closed === 1);
  t.match(
    inOrder(seen.utterances).map(({ utterance }) => utterance.cutReason),
    ['silence_end', 'disconnect'],
    'what was being said when its time was over is finished and stored',
  );
  const late = await connect({ retomar: token_retomada });
  t.same(await late.closed, { code: 4000, reason: 'handshake inválido: retomar' });
  const afresh = await connect();
  t.not((await ready(afresh))['token_retomada'], token_retomada);
  afresh.socket.close(1000);
});

t.test('a session that ended cleanly cannot be resumed', async (t) => {
  const counter = await connect();
  const { token_retomada } = await ready(counter);
  counter.socket.close(1000);
  await counter.closed;
  const again = await connect({ retomar: token_retomada });
  t.match(await again.closed, { code: 4000 });
});

t.test('what holds is said once; what is wrong is said by its code', async (t) => {
  const counter = await connect();
  await ready(counter);
  for (const comando of ['pausar', 'pausar', 'retomar', 'retomar', 'pausar']) counter.say({ comando });
  counter.say({ comando: 'dançar' });
  counter.say({ comando: 'feedback', interacao_id: 'um', resultado: 'aceito' });
  counter.say({ comando: 'recebido' });
  counter.say({ comando: 'ping' });
  counter.say({ comando: 'ping', muito: 'x'.repeat(17_000) });
  counter.say({ comando: 'ping' });
  await counter.receive('pong');
  await acked(counter, () => true);
  t.match(
    counter.messages.filter(({ comando }) => comando === 'estado'),
    [
      { assunto: 'escuta', situacao: 'pausada', mensagem: String },
      { assunto: 'escuta', situacao: 'ouvindo' },
      { assunto: 'escuta', situacao: 'pausada' },
    ],
  );
  t.match(
    counter.messages.filter(({ comando }) => comando === 'erro'),
    [
      { codigo: 'unknown_command', mensagem: String },
      { codigo: 'invalid_command', campo: 'interacao_id' },
      { codigo: 'invalid_command', campo: 'interacao_id' },
      { codigo: 'command_too_long' },
    ],
  );
  counter.socket.close(1000);
});

t.test('a network that goes silent is no silence of the device: what is being said is not cut', async (t) => {
  coverage.clear();
  const seen = new Seen(house.observer);
  // In the middle of the second sentence: 8 s, and what the handshake takes.
  const proxy = new CuttingProxy({ host: '127.0.0.1', port: house.port }, [8000 * 32 + 1500], 'silence');
  await proxy.open();
  t.teardown(() => proxy.close());
  const device = new Device(STREAM, {
    url: () => `ws://127.0.0.1:${proxy.port}/ws`,
    apiKey: house.apiKey,
    handshake: HELLO,
    patienceMs: 1800,
  });
  await device.play();
  device.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN.length);
  device.stop();
  await seen.until(({ closed }) => closed === 1);
  t.equal(device.connections, 2);
  t.equal(seen.text, textOf(SPOKEN));
  t.same(
    inOrder(seen.utterances).map(({ utterance }) => utterance.cutReason),
    ['silence_end', 'silence_end', 'silence_end'],
  );
});

t.test('a device that lost what it kept says so: what is missing is counted, and the rest is heard', async (t) => {
  const seen = new Seen(house.observer);
  const first = await connect();
  const { token_retomada } = await ready(first);
  await streamFile(first.socket, pcmBetween(0, 5000));
  await acked(first, ({ bytes }) => bytes === 5000 * 32);
  first.socket.terminate();
  const second = await connect({ retomar: token_retomada, desde: 10_500 * 32 });
  t.match(await ready(second), { bytes: 10_500 * 32 });
  await streamFile(second.socket, pcmBetween(10_500, UNTIL_MS));
  second.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === 2);
  second.socket.close(1000);
  await seen.until(({ closed }) => closed === 1);
  t.equal(seen.text, textOf([SPOKEN[0], SPOKEN[2]].flatMap((each) => each ?? [])));
  t.match(seen.lost, [{ lostMs: Number }]);
  t.ok(Math.abs((seen.lost[0]?.lostMs ?? 0) - 5500) < 100, `${seen.lost[0]?.lostMs} ms`);
});
