import t from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, serverEnv, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { postgres, temporaryFolder } from '../helpers/databases.ts';
import { Seen } from '../helpers/seen.ts';
import { registerCounter, startServer } from '../helpers/server-process.ts';
import { spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';
import { TestCounter } from '../helpers/ws-client.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);

t.test('utterances above a client’s limit wait and are all answered; another client’s do not', async (t) => {
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()), latencyMs: 300 });
  const house = await startBalto(t, { vendors: { elevenlabs }, env: { MOCK_RECOMMENDATION: '1' } });
  const { store } = house.balto;
  const changes = [
    { clientId: house.clientId, counterId: null, section: 'limits', value: { utterancesInFlight: 1, counters: 4 } },
  ];
  await store.configVersions.activate({ actor: 'cli', changes });
  await store.config.refresh();
  let most = 0;
  let now = 0;
  const counters = [house.apiKey, ...(await Promise.all([1, 2, 3].map(async () => (await house.addCounter()).apiKey)))];
  const seen = new Seen(house.observer);
  const { instances } = house.balto.providers;
  const watch = setInterval(() => {
    now = instances.queues().reduce((sum, { taken }) => sum + taken, 0);
    most = Math.max(most, now);
  }, 5);
  t.teardown(() => clearInterval(watch));
  const open = await Promise.all(counters.map((apiKey) => connectCounter(house.ws, apiKey)));
  await seen.until(({ opened }) => opened === 4);
  const fifth = await TestCounter.connect(house.ws);
  fifth.say({ api_key: house.apiKey });
  t.match(await fifth.closed, { code: 4002, reason: /^limite de balcões do cliente atingido; retry_ms=/ });
  await Promise.all(open.map((counter) => streamFile(counter.socket, wavUntil(UNTIL_MS))));
  for (const counter of open) counter.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN.length * 4);
  t.equal(most, 1, 'one at a time, of four counters that speak');
  t.same(seen.lost, []);
  for (const sessionId of new Set(seen.utterances.map((each) => each.sessionId))) {
    const own = seen.utterances.filter((each) => each.sessionId === sessionId).sort((a, b) => a.segment - b.segment);
    t.equal(own.map(({ text }) => text).join(' '), textOf(SPOKEN), 'every word, in its order');
  }
  for (const counter of open) counter.socket.close();
  await seen.until(({ closed }) => closed === 4);
});

const server = process.env['TEST_DATABASE_URL'];
const skip = server ? false : 'TEST_DATABASE_URL is not set: two processes need a real Postgres';
t.test('two processes together let in as many counters of a client as there may be', { skip }, async (t) => {
  const database = await postgres(t, server ?? '');
  const env = { ...serverEnv(database, {}), CLIENT_MAX_COUNTERS: '3', MOCK_MODE: '1' };
  const processes = await Promise.all([1, 2].map(async () => startServer(env, await temporaryFolder(t))));
  for (const each of processes) t.teardown(() => each.kill());
  const { apiKey } = await registerCounter(processes[0]?.url ?? '');
  const enter = async (index: number) => {
    const counter = await TestCounter.connect(processes[index % 2]?.ws ?? '');
    counter.say({ api_key: apiKey });
    counter.say({ comando: 'ping' });
    return Promise.race([counter.receive('pong').then(() => counter), counter.closed]);
  };
  const first = await Promise.all(Array.from({ length: 10 }, (_, index) => enter(index)));
  const inside = () => first.filter((each) => each instanceof TestCounter);
  t.ok(inside().length <= 3 && inside().length >= 1, `${inside().length} of 3 at the first rush`);
  const fill = async () => {
    const counter = await enter(Math.random() < 0.5 ? 0 : 1);
    first.push(counter);
  };
  for (let tries = 0; tries < 60 && inside().length < 3; tries++) {
    await fill();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  t.equal(inside().length, 3, 'who is refused comes back, and the places fill up');
  await new Promise((resolve) => setTimeout(resolve, 4000));
  t.match(await Promise.all([enter(0), enter(1)]), [{ code: 4002 }, { code: 4002 }], 'each knows of the other’s');
});
