import t from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { openBalto, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { postgres } from '../helpers/databases.ts';
import { Device } from '../helpers/device.ts';
import { Seen } from '../helpers/seen.ts';
import { pcmBetween, spokenUntil, textOf } from '../helpers/talk.ts';

const HELLO = { protocolo: 2, audio: { formato: 'pcm_s16le' } };
const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
t.teardown(() => elevenlabs.close());

const server = process.env['TEST_DATABASE_URL'];
t.test(
  'a device that comes back to another process, while the first one lives',
  {
    skip: server ? false : 'TEST_DATABASE_URL is not set: two processes need a real Postgres',
  },
  async (t) => {
    const [untilMs, said] = [29_500, spokenUntil(29_500)];
    const open = await postgres(t, server ?? '');
    const env = { ...storeEnv(open), ...vendorEnv({ elevenlabs }), MOCK_RECOMMENDATION: '1' };
    const [one, two] = [await openBalto(t, env), await openBalto(t, env)];
    const { client } = await one.balto.store.clients.create({ email: 'a@x.br', companyName: 'A' });
    const { apiKey } = await one.balto.store.counters.register(client.clientId, 'Caixa');
    const [left, right] = [new Seen(one.observer), new Seen(two.observer)];
    const places = [one.ws, two.ws, one.ws];
    const device = new Device(pcmBetween(0, untilMs), {
      url: () => places.shift() ?? one.ws,
      apiKey,
      handshake: HELLO,
      bytesPerMs: 32 * 4,
    });
    const playing = device.play();
    for (const atMs of [7300, 12_300]) {
      await device.until(({ messages }) =>
        messages.some(({ comando, bytes }) => comando === 'ack' && Number(bytes) >= atMs * 32),
      );
      device.drop();
    }
    await playing;
    device.say({ comando: 'fim' });
    await device.until(({ safe }) => safe > 28_300 * 32);
    device.stop();
    await left.until(({ closed }) => closed === 2);
    t.equal(right.closed, 1, 'each process let go of it when the other one asked');
    t.same(
      device.of('pronto').map(({ sessao }) => sessao),
      Array(3).fill(device.of('pronto')[0]?.['sessao']),
    );
    const rows = await one.rows();
    t.equal(rows.map(({ transcript }) => transcript).join(' '), textOf(said));
    t.same(
      rows.map(({ segment }) => segment),
      [1, 2, 3, 4, 5, 6],
    );
  },
);
