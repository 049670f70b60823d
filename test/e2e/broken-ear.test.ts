import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, runBalto, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { testDatabase } from '../helpers/databases.ts';
import { Seen } from '../helpers/seen.ts';
import { rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);

/** A package whose VAD hears six seconds and then fails, and whose cleaner fails at once. */
const BRITTLE = `
const vad = () => ({
  sampleRateHz: 16000,
  frameSamples: 480,
  open(onResult) {
    let frames = 0;
    return {
      push(frame, seq) {
        if (++frames > 200) throw new RangeError('segredo do cliente');
        onResult(seq, frame.some((value) => Math.abs(value) > 0.02) ? 0.9 : 0.1);
      },
      reset() {},
      close() {},
    };
  },
});
const cleaner = () => ({
  sampleRateHz: 16000,
  frameSamples: 480,
  delaySamples: 0,
  open: () => ({ process() { throw new RangeError('segredo do cliente'); }, reset() {}, close() {} }),
});
const settings = { type: 'object', properties: {} };
const one = (kind, create, capabilities) => ({
  kind, vendor: 'mau', id: 'quebra', title: 'Quebra', models: ['m'], settings, capabilities, create,
});

export default async function brittle(app) {
  app.balto.register({ id: 'mau', title: 'Mau', specVersion: 1, region: 'local' }, [
    one('vad', vad, { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } }),
    one('cleaner', cleaner, { noise: 'any' }),
  ]);
}
brittle[Symbol.for('skip-override')] = true;
`;

async function brittleHouse(t: Test, vads: string) {
  const coverage = new Coverage(await wavReference());
  const elevenlabs = await startElevenLabs({ listening: coverage });
  t.teardown(() => elevenlabs.close());
  const folder = t.testdir({ 'package.json': '{"type":"module"}', 'mau.js': BRITTLE });
  const house = await runBalto(t, {
    ...storeEnv(await testDatabase(t)),
    ...vendorEnv({ elevenlabs }),
    BALTO_PLUGINS: join(folder, 'mau.js'),
    BALTO_VAD: vads,
    BALTO_CLEANER: 'cleaner/quebra',
    CLEANER_FOR_STT: '1',
    MOCK_RECOMMENDATION: '1',
  });
  return { house, coverage };
}

/** Three sentences at one counter; what it was told of its ear beside. */
async function conversation({ ws, apiKey, observer }: RunningBalto) {
  const seen = new Seen(observer);
  const told: string[] = [];
  const note = ({ what, by }: { what: string; by: string }) => void told.push(`${what} → ${by}`);
  observer.on('degraded', note);
  const counter = await connectCounter(ws, apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  observer.off('degraded', note);
  return { seen, told };
}

t.test(
  'a VAD and a cleaner that fail in mid-conversation cost no word, and the next counter is spared them',
  async (t) => {
    const { house, coverage } = await brittleHouse(t, 'vad/quebra,vad/silero');
    const { seen, told } = await conversation(house);
    t.equal(seen.text, textOf(SPOKEN));
    t.same(coverage.report({ within: rangesOf(SPOKEN) }).missing, []);
    t.same(told.sort(), ['cleaner → sinal cru', 'vad → vad/silero']);
    const status = house.balto.providers.health.status();
    t.match(
      status
        .filter(({ kind }) => kind === 'vad' || kind === 'cleaner')
        .map(({ address, state }) => [address, state])
        .sort(),
      [
        ['cleaner/quebra', 'open'],
        ['vad/quebra', 'open'],
      ],
    );
    const next = await conversation(house);
    t.equal(next.seen.text, textOf(SPOKEN));
    const causes = house.log.map((line) => JSON.parse(line) as { what?: string; cause?: string });
    t.same(
      causes.filter(({ what }) => what === 'vad').map(({ cause }) => cause),
      ['RangeError', 'rests'],
    );
    t.notMatch(house.log.join(''), /segredo/);
  },
);

t.test('with no VAD left the sentences are cut every five seconds, and not a word is missing', async (t) => {
  const { house, coverage } = await brittleHouse(t, 'vad/quebra');
  const { seen, told } = await conversation(house);
  t.same(coverage.report({ within: rangesOf(SPOKEN) }).missing, []);
  t.same(seen.lost, []);
  t.ok(told.includes('vad → segmentos fixos de 5 s'));
  const words = new Set(seen.text.split(' '));
  t.same(
    textOf(SPOKEN)
      .split(' ')
      .filter((word) => !words.has(word)),
    [],
  );
});
