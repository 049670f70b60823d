import t from 'tap';
import { type Api, everyPage } from '../helpers/admin-api.ts';
import { connectCounter, serverEnv } from '../helpers/balto.ts';
import { postgres, temporaryFolder, testDatabase } from '../helpers/databases.ts';
import { ownerOf } from '../helpers/owner-login.ts';
import { registerCounter, type ServerProcess, startServer } from '../helpers/server-process.ts';

const url = process.env['TEST_DATABASE_URL'];

/** Asks until the answer holds; what the other process tells comes within a second or two, its end within 15 s. */
async function until(api: Api, path: string, holds: (items: { id: string; bytes: number }[]) => boolean) {
  for (let tries = 0; tries < 250; tries++) {
    const { items } = (await api('GET', path)).body;
    if (holds(items)) return items;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} never came to say so`);
}

async function speak(server: ServerProcess, apiKey: string, bytes: number) {
  const counter = await connectCounter(server.ws, apiKey);
  counter.socket.send(Buffer.alloc(bytes));
  counter.say({ comando: 'ping' });
  await counter.receive('pong');
  return counter;
}

t.test('GET /api/v1/sessions: who is connected now, from memory', async (t) => {
  const env = serverEnv(await testDatabase(t), {});
  const server = await startServer(env, await temporaryFolder(t));
  t.teardown(() => server.kill());
  const api = await ownerOf(server.url);
  const { apiKey, counterId } = await registerCounter(server.url);
  t.same((await api('GET', '/sessions')).body, { items: [], next: null });
  const counter = await speak(server, apiKey, 6400);
  const { items } = (await api('GET', '/sessions')).body;
  t.match(items, [
    {
      counterId,
      counterName: 'Caixa 1',
      protocol: 1,
      bytes: 6400,
      providers: { stt: null, llm: null },
      lastUtteranceAt: null,
    },
  ]);
  t.ok(Math.abs(Date.parse(items[0].since) - Date.now()) < 60_000);
  counter.socket.close();
  await counter.closed;
  await until(api, '/sessions', (found) => found.length === 0);
  for (let tries = 0; tries < 50 && (await api('GET', `/counters/${counterId}`)).body.seenAt === null; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.ok((await api('GET', `/counters/${counterId}`)).body.seenAt, 'the counter remembers that it was here');
});

const skip = url ? false : 'TEST_DATABASE_URL is not set: not run on a real Postgres';
t.test('each process tells of its counters, and of those of the others', { skip }, async (t) => {
  const env = serverEnv(await postgres(t, url ?? ''), {});
  const folder = await temporaryFolder(t);
  const [one, two] = [await startServer(env, folder), await startServer(env, folder)];
  t.teardown(() => Promise.all([one.kill(), two.kill()]));
  const { apiKey, counterId } = await registerCounter(one.url);
  const other = await registerCounter(one.url, 'outra@farmacia.com.br');
  const apis = [await ownerOf(one.url), await ownerOf(two.url)] as const;
  const counters = [
    await speak(one, apiKey, 3200),
    await speak(one, apiKey, 3200),
    await speak(two, apiKey, 3200),
    await speak(two, other.apiKey, 3200),
  ];
  for (const api of apis) {
    await until(api, '/sessions', (items) => items.length === 4 && items.every(({ bytes }) => bytes === 3200));
    t.equal((await everyPage(t, api, '/sessions?limit=1')).length, 4, 'page by page, none twice');
    t.equal((await everyPage(t, api, `/sessions?counterId=${counterId}`)).length, 3);
    const [{ clientId }] = (await api('GET', `/sessions?counterId=${other.counterId}`)).body.items;
    t.equal((await everyPage(t, api, `/sessions?clientId=${clientId}`)).length, 1);
  }
  counters[0]?.socket.close();
  await until(apis[1], '/sessions', (items) => items.length === 3);
  await two.kill();
  await until(apis[0], '/sessions', (items) => items.length === 1);
  t.pass('a process that was killed is forgotten, and its counters with it');
});
