import type { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import type { Store } from '../../core/store/index.ts';
import type { Interaction } from '../../core/store/interaction.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, serverEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { type OpenStore, postgres, temporaryFolder } from '../helpers/databases.ts';
import { deafToNotify } from '../helpers/deaf-to-notify.ts';
import { registerCounter, startServer } from '../helpers/server-process.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';

const server = process.env['TEST_DATABASE_URL'];
const skip = server ? false : 'TEST_DATABASE_URL is not set: two processes need a real Postgres';

/** In the middle of the second utterance, and near its end; between the third and the fourth; after the fourth. */
const [CHANGE_MS, STILL_MS, BACK_MS, UNTIL_MS] = [8000, 9800, 14_200, 24_300];
const SPOKEN = spokenUntil(UNTIL_MS);
const by = { actor: 'admin:ana', why: 'troca ao meio-dia' };
const reference = await wavReference();

/** One process with vendors of its own, so that what each hears is its own, and one counter that talks to it. */
async function shop(t: Test, database: OpenStore, censor: (() => Duplex) | undefined, client: number) {
  const coverage = new Coverage(reference);
  const deepgram = await startDeepgram({ listening: coverage });
  const elevenlabs = await startElevenLabs({ listening: coverage });
  for (const vendor of [deepgram, elevenlabs]) t.teardown(() => vendor.close());
  const url = new URL(database.options.url ?? '');
  const proxy = new TcpProxy({ host: url.hostname, port: Number(url.port) }, censor);
  await proxy.open();
  t.teardown(() => proxy.shut());
  url.port = String(proxy.port);
  const env = { ...serverEnv(database, { deepgram, elevenlabs }), DATABASE_URL: url.href, MOCK_RECOMMENDATION: '1' };
  const process = await startServer(env, await temporaryFolder(t));
  t.teardown(() => process.kill());
  const { apiKey, counterId } = await registerCounter(process.url, `dona-${client}@farmacia.com.br`);
  const counter = await connectCounter(process.ws, apiKey);
  return { coverage, deepgram, counter, counterId, process };
}

/** Longest of the times, in ms, until every process applies `version`. */
async function inForce(store: Store, version: number, processes: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const told = await store.db.system((trx) => trx.selectFrom('config_applied').select('version').execute());
    if (told.length === processes && told.every((each) => each.version >= version)) break;
    if (performance.now() - startedAt > 20_000) throw new Error(`not in force: ${JSON.stringify(told)}`);
    await new Promise((done) => setTimeout(done, 10));
  }
  return performance.now() - startedAt;
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const startedAt = performance.now(); !(await holds()); ) {
    if (performance.now() - startedAt > 20_000) throw new Error(`never came: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

async function rowsOf(store: Store, counterId: string): Promise<Interaction[]> {
  const { rows } = await store.interactions.list({ counterId }, 50);
  return rows.sort((a, b) => a.segment - b.segment);
}

const WAYS: [name: string, censor: (() => Duplex) | undefined][] = [
  ['announced', undefined],
  ['with every announcement kept back', deafToNotify],
];

for (const [name, censor] of WAYS) {
  t.test(`a vendor is changed and changed back while two processes listen: ${name}`, { skip }, async (t) => {
    const database = await postgres(t, server ?? '');
    const store = await database();
    const shops = await Promise.all([1, 2].map((client) => shop(t, database, censor, client)));
    const say = (from: number, to: number, pace: { durationS?: number } = {}) =>
      Promise.all(
        shops.map(({ counter }) =>
          streamFile(counter.socket, from === 0 ? wavUntil(to) : pcmBetween(from, to), { chunkBytes: 1024, ...pace }),
        ),
      );
    const underWay = rangesOf(SPOKEN)[1]?.startSample ?? 0;

    await say(0, CHANGE_MS);
    // In real time: a counter that falls silent for long has ended its utterance.
    const goesOn = say(CHANGE_MS, STILL_MS, { durationS: (STILL_MS - CHANGE_MS) / 1000 });
    const first = { startSample: underWay, endSample: underWay + 16_000 };
    const hears = ({ coverage }: (typeof shops)[0]) => coverage.report({ within: [first] }).missing.length === 0;
    await until(() => shops.every(hears), 'the second utterance at the vendor');
    const use = { use: ['stt/elevenlabs'] };
    const change = { clientId: null, counterId: null, section: 'providers.stt', value: use };
    const before = await store.configVersions.newest();
    const changed = await store.configVersions.activate({ ...by, changes: [change] });
    const forthMs = await inForce(store, changed.version, shops.length);

    await goesOn;
    await say(STILL_MS, BACK_MS);
    await until(async () => {
      const rows = await Promise.all(shops.map(({ counterId }) => rowsOf(store, counterId)));
      return rows.every(({ length }) => length >= 3);
    }, 'three rows of each counter');
    const back = await store.configVersions.rollback(before, by);
    const backMs = await inForce(store, back.version, shops.length);

    await say(BACK_MS, UNTIL_MS);
    for (const { counter } of shops) counter.say({ comando: 'fim' });
    await until(async () => {
      const rows = await Promise.all(shops.map(({ counterId }) => rowsOf(store, counterId)));
      return rows.every(({ length }) => length >= SPOKEN.length);
    }, 'every row of each counter');

    t.comment(`in force everywhere: ${forthMs.toFixed(0)} ms, and back: ${backMs.toFixed(0)} ms`);
    t.ok(forthMs < 1000 && backMs < 1000, 'within a second');
    for (const { coverage, counter, counterId } of shops) {
      const rows = await rowsOf(store, counterId);
      t.same(
        rows.map(({ sttModel, configVersion }) => [sttModel, configVersion]),
        [
          ['deepgram', before],
          ['deepgram', before],
          ['elevenlabs', changed.version],
          ['deepgram', back.version],
        ],
        'the utterance that was being spoken ends where it began',
      );
      t.match(
        rows.map(({ decision }) => decision),
        [{ rule: 'ambiente' }, {}, { rule: 'lista-global', candidates: ['stt/elevenlabs'] }, { rule: 'ambiente' }],
      );
      t.equal(rows.map(({ transcript }) => transcript).join(' '), textOf(SPOKEN), 'every word once');
      const { missing, heardTwice } = coverage.report({ within: rangesOf(SPOKEN) });
      t.same(missing, []);
      t.same(heardTwice, []);
      t.equal(counter.socket.readyState, counter.socket.OPEN, 'no connection was dropped');
      counter.socket.close();
    }
    for (const { process } of shops) t.equal(await process.stop(), 0);
    t.same(await store.db.system((trx) => trx.selectFrom('config_applied').selectAll().execute()), []);
  });
}
