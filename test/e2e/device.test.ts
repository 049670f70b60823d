import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { BINARY, clientFrame, rawSocket, TEXT, UPGRADE } from '../helpers/raw-ws.ts';
import { Seen } from '../helpers/seen.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';
import { TestCounter } from '../helpers/ws-client.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);
const coverage = new Coverage(await wavReference());
const elevenlabs = await startElevenLabs({ listening: coverage });
const house = await startBalto(t, { vendors: { elevenlabs } });

/** The rows of the one session that `seen` saw. */
async function rowsOf(seen: Seen) {
  return (await house.rows()).filter(({ sessionId }) => sessionId === seen.utterances[0]?.sessionId);
}

t.test('the original device: its key, then a WAV in 4 KiB chunks, looped; a card comes back', async (t) => {
  const seen = new Seen(house.observer);
  const device = await TestCounter.connect(house.ws, {
    api_key: house.apiKey,
    vad_settings: { threshold_multiplier: 1.5, min_energy: 50.0 },
  });
  for (let round = 0; round < 2; round++) await streamFile(device.socket, wavUntil(UNTIL_MS), { chunkBytes: 4096 });
  const card = await device.receive('recomendar');
  t.match(card, { itens: [{ sugestao: String, explicacao: String, tag: String }], produto: String });
  t.equal(device.messages[0], card, 'the first message it ever gets is the card');
  device.socket.close();
  await seen.until(({ closed }) => closed === 1);
  t.ok(seen.text.startsWith(textOf(SPOKEN)));
  t.same(
    device.messages.filter(({ comando }) => !['recomendar', 'ping'].includes(String(comando))),
    [],
    'nothing it does not understand',
  );
});

t.test('the other handshake, and what the counter made of its card', async (t) => {
  const seen = new Seen(house.observer);
  const device = await TestCounter.connect(house.ws, { comando: 'auth', api_key: house.apiKey });
  await streamFile(device.socket, wavUntil(UNTIL_MS));
  const card = await device.receive('recomendar');
  device.say({ comando: 'feedback', interacao_id: card['interacao_id'], resultado: 'aceito' });
  device.say({ comando: 'ping' });
  await device.receive('pong');
  device.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const row = (await rowsOf(seen)).find(({ id }) => id === card['interacao_id']);
  t.equal(row?.feedback, 'aceito');
});

t.test("another counter's card takes no feedback from this one", async (t) => {
  const row = (await house.rows()).find(({ feedback }) => feedback === 'aceito');
  const other = await house.addCounter();
  const seen = new Seen(house.observer);
  const device = await connectCounter(house.ws, other.apiKey);
  device.say({ comando: 'feedback', interacao_id: row?.id, resultado: 'recusado' });
  device.say({ comando: 'ping' });
  await device.receive('pong');
  device.socket.close();
  await seen.until(({ closed }) => closed === 1);
  t.equal((await house.rows()).find(({ id }) => id === row?.id)?.feedback, 'aceito');
});

t.test('what is said while paused reaches no vendor', async (t) => {
  coverage.clear();
  const [first, second, third] = SPOKEN;
  const seen = new Seen(house.observer);
  const device = await connectCounter(house.ws, house.apiKey);
  await streamFile(device.socket, pcmBetween(0, 5400));
  device.say({ comando: 'pausar' });
  await streamFile(device.socket, pcmBetween(5400, 11_000));
  device.say({ comando: 'retomar' });
  await streamFile(device.socket, pcmBetween(11_000, UNTIL_MS));
  device.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === 2);
  device.socket.close();
  await seen.until(({ closed }) => closed === 1);
  t.equal(seen.text, textOf([first, third].flatMap((each) => each ?? [])));
  t.same(coverage.report({ within: rangesOf(second ? [second] : []) }).heard, [], 'not a sample of it');
});

t.test('`fim` answers what was heard so far, and the line stays', async (t) => {
  const seen = new Seen(house.observer);
  const device = await connectCounter(house.ws, house.apiKey);
  await streamFile(device.socket, wavUntil(4500));
  t.same(seen.cards, [], 'too few words to ask about by themselves');
  device.say({ comando: 'fim' });
  await seen.until(({ cards }) => cards.length === 1);
  t.match(seen.utterances, [{ utterance: { cutReason: 'client_end' }, text: textOf(SPOKEN.slice(0, 1)) }]);
  t.same(seen.cards[0]?.segments, [1]);
  const askedAfterMs = performance.now() - (seen.utterances[0]?.outcome.readyAtMs ?? 0);
  t.ok(askedAfterMs < 4000, `asked at once, not by the clock: ${Math.round(askedAfterMs)} ms`);
  await streamFile(device.socket, pcmBetween(4500, UNTIL_MS));
  device.say({ comando: 'fim' });
  await seen.until(({ text }) => text === textOf(SPOKEN));
  device.socket.close();
  await seen.until(({ closed }) => closed === 1);
});

t.test('pings are answered in both ways, and commands nobody knows are passed over', async () => {
  const device = await connectCounter(house.ws, house.apiKey);
  device.socket.ping();
  await once(device.socket, 'pong');
  for (const text of ['nada', '[]', '{"comando":"dançar"}', '{"comando":7}', 'null']) device.socket.send(text);
  device.say({ comando: 'ping' });
  await device.receive('pong');
  device.socket.close();
  await device.closed;
});

t.test('upgrade, key and audio in one TCP segment', async (t) => {
  coverage.clear();
  const seen = new Seen(house.observer);
  const frames = [
    clientFrame(TEXT, JSON.stringify({ api_key: house.apiKey })),
    clientFrame(BINARY, wavUntil(5400)),
    clientFrame(TEXT, JSON.stringify({ comando: 'fim' })),
  ];
  const socket = connect({ port: house.port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.on('error', () => {}); // it is dropped below
  socket.write(Buffer.concat([Buffer.from(UPGRADE), ...frames]));
  await seen.until(({ utterances }) => utterances.length === 1);
  t.equal(seen.text, textOf(SPOKEN.slice(0, 1)));
  t.same(coverage.report({ within: rangesOf(SPOKEN.slice(0, 1)) }).missing, []);
  socket.destroy();
  await seen.until(({ closed }) => closed === 1);
});

t.test('close codes that a device acts on', async (t) => {
  const ask = async (first: string | Buffer) => {
    const device = new TestCounter(house.ws);
    await once(device.socket, 'open');
    device.socket.send(first);
    return device.closed;
  };
  t.equal((await ask(JSON.stringify({ api_key: 'bk_nobody' }))).code, 4001);
  t.match(await ask('{"chave":1}'), { code: 4000, reason: /api_key/u });
  t.equal((await ask(Buffer.from([1, 2, 3]))).code, 4000);
  const device = await connectCounter(house.ws, house.apiKey);
  device.socket.send(Buffer.alloc(1_048_577));
  t.equal((await device.closed).code, 1009);
  const socket = await rawSocket(house.port);
  socket.destroy();
  t.equal((await house.get('/health/live')).status, 200);
});
