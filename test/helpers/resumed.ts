import type { Test } from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage, type CoverageReference } from '../emulators/listening/coverage.ts';
import { serverEnv } from './balto.ts';
import { type OpenStore, temporaryFolder } from './databases.ts';
import { Device } from './device.ts';
import { registerCounter, type ServerProcess, startServer } from './server-process.ts';
import { textOf } from './talk.ts';

/** Times real time: the most that is decoded for one counter, but for the first half minute. */
const SPEED = 4;

/** Servers on one database, their vendor, and a counter that one of them serves at a time. */
export interface ResumeHouse {
  open: OpenStore;
  coverage: Coverage;
  apiKey: string;
  /** The one that the device connects to. */
  serving: ServerProcess;
  start(): Promise<ServerProcess>;
}

/** Starts the first server; all are gone when the test ends. Rows keep their own text: no model is asked. */
export async function resumeHouse(t: Test, open: OpenStore, reference: CoverageReference): Promise<ResumeHouse> {
  const coverage = new Coverage(reference);
  const elevenlabs = await startElevenLabs({ listening: coverage, latencyMs: 60 });
  t.teardown(() => elevenlabs.close());
  const env = { ...serverEnv(open, { elevenlabs }), MOCK_RECOMMENDATION: '1' };
  const folder = await temporaryFolder(t);
  const start = async () => {
    const started = await startServer(env, folder);
    t.teardown(() => started.kill());
    return started;
  };
  const serving = await start();
  const { apiKey } = await registerCounter(serving.url);
  return { open, coverage, apiKey, serving, start };
}

/**
 * Plays the stream while `meanwhile` does something to what serves it; then every utterance of `said` has to be stored,
 * once, in one session, and the device was never asked for what it need not keep.
 */
export async function heardOnceAndWhole(
  t: Test,
  house: ResumeHouse,
  { bytes, seconds, said }: { bytes: Uint8Array; seconds: number; said: Parameters<typeof textOf>[0] },
  meanwhile: (device: Device) => Promise<void>,
): Promise<void> {
  const device = new Device(bytes, {
    url: () => house.serving.ws,
    apiKey: house.apiKey,
    chunkBytes: 2048,
    bytesPerMs: (bytes.length / seconds / 1000) * SPEED,
  });
  await Promise.all([device.play(), meanwhile(device)]);
  device.say({ comando: 'fim' });
  await device.until(({ safe }) => safe > bytes.length * 0.9);
  device.stop();
  await device.until(({ closes }) => closes.at(-1)?.code === 1000);
  await house.serving.stop();
  t.same(device.impossible, [], 'it was never asked for what it need not keep');
  t.ok(device.of('pronto').length > 1, `it came back ${device.of('pronto').length - 1} times`);
  t.equal(new Set(device.of('pronto').map(({ sessao }) => sessao)).size, 1, 'to one session');
  const rows = await stored(house.open);
  t.equal(
    rows
      .map(({ transcript }) => transcript ?? '')
      .filter(Boolean)
      .join(' '),
    textOf(said),
  );
  t.equal(new Set(rows.map(({ segment }) => segment)).size, rows.length, 'each number once');
  t.equal(new Set(rows.map(({ sessionId }) => sessionId)).size, 1);
  t.same(
    rows.filter(({ interactionType }) => interactionType === 'perdida'),
    [],
  );
}

/** Utterances as they are stored, in the order spoken. */
async function stored(open: OpenStore): Promise<Interaction[]> {
  const store = await open();
  await store.drained();
  const { rows } = await store.interactions.list({}, 500);
  await store.close();
  return rows.sort((a, b) => a.segment - b.segment);
}
