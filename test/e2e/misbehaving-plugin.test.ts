import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Attempt } from '../../core/runtime/types.ts';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, runBalto, serverEnv, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { temporaryFolder, testDatabase } from '../helpers/databases.ts';
import { MISBEHAVING } from '../helpers/misbehaving.ts';
import { Seen } from '../helpers/seen.ts';
import { registerCounter, startServer } from '../helpers/server-process.ts';
import { spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';
import type { TestCounter } from '../helpers/ws-client.ts';

const UNTIL_MS = 5500;
const SPOKEN = spokenUntil(UNTIL_MS);

/** A package from outside, and a vendor that works behind it. */
async function badCompany(t: Test, ids: readonly string[]) {
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  t.teardown(() => elevenlabs.close());
  const folder = t.testdir({ 'package.json': '{"type":"module"}', 'mau.js': MISBEHAVING });
  const stt = [...ids.map((id) => `stt/${id}`), 'stt/elevenlabs'].join();
  const vendors = { elevenlabs };
  return { vendors, env: { BALTO_PLUGINS: join(folder, 'mau.js'), BALTO_STT: stt, MOCK_RECOMMENDATION: '1' } };
}

/** One counter that says the first sentence. */
async function speaking(ws: string, apiKey: string): Promise<TestCounter> {
  const counter = await connectCounter(ws, apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  return counter;
}

t.test('whatever its providers do, two counters are heard by the next one, and the log names each', async (t) => {
  const wrong = ['constructor', 'throws', 'number', 'huge', 'close'];
  const { vendors, env } = await badCompany(t, wrong);
  const house = await runBalto(t, { ...storeEnv(await testDatabase(t)), ...vendorEnv(vendors), ...env });
  const keys = [house.apiKey, (await house.addCounter()).apiKey];
  const seen = new Seen(house.observer);
  const counters = await Promise.all(keys.map((apiKey) => speaking(house.ws, apiKey)));
  await seen.until(({ utterances }) => utterances.length === keys.length);
  for (const { socket } of counters) socket.close();
  await seen.until(({ closed }) => closed === keys.length);
  t.same(seen.lost, []);
  const rows = await house.rows();
  t.same(
    rows.map(({ transcript, sttModel }) => [transcript, sttModel]),
    keys.map(() => [textOf(SPOKEN), 'elevenlabs']),
  );
  const { attempts = [] } = (rows[0]?.decision ?? {}) as { attempts?: Attempt[] };
  t.same(
    attempts.map(({ address }) => address),
    [...wrong.map((id) => `stt/${id}`), 'stt/elevenlabs'],
  );
  const begunMs = performance.now();
  await house.close();
  t.ok(performance.now() - begunMs < 8000, 'it ends within its bounds, although a hook and an instance hang');
  const log = house.log.map((line) => JSON.parse(line) as { provider?: string; plugin?: string; msg: string });
  for (const id of wrong)
    t.ok(
      log.some(({ provider }) => provider === `stt/${id}`),
      `the log names stt/${id}`,
    );
  t.match(
    log.find(({ plugin }) => plugin?.endsWith('mau.js')),
    { msg: /did not close/ },
  );
  t.notMatch(house.log.join(''), /segredo/);
});

t.test('sockets, timers and promises it leaves behind fail at nobody: the process goes on', async (t) => {
  const leaking = ['socket', 'timer', 'promise'];
  const { vendors, env } = await badCompany(t, leaking);
  const complete = { ...serverEnv(await testDatabase(t), vendors), ...env };
  const server = await startServer(complete, await temporaryFolder(t));
  t.teardown(() => server.kill());
  const { apiKey } = await registerCounter(server.url);
  for (const round of [1, 2]) {
    const heard = vendors.elevenlabs.nextRequest();
    const { socket } = await speaking(server.ws, apiKey);
    await heard;
    socket.close();
    t.ok(server.alive(), `alive after conversation ${round}`);
  }
  const said = () => server.output.join('\n');
  for (const id of leaking) {
    await server.until(() => new RegExp(`"provider":"stt/${id}"[^\\n]*left something behind`).test(said()));
  }
  t.equal(await server.stop(), 0);
  t.notMatch(said(), /segredo/);
});
