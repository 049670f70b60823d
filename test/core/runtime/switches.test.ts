import t from 'tap';
import { readEnvironment } from '../../../config/environment.ts';
import { openProviders } from '../../../core/app-providers.ts';
import { registeredApp } from '../../../core/cli/registered.ts';
import { route } from '../../../core/routing/route.ts';
import { systemClock } from '../../../core/runtime/provider-context.ts';
import { SttRunner } from '../../../core/runtime/stt-runner.ts';
import { type ConfigSnapshot, EMPTY_SNAPSHOT, nextSnapshot } from '../../../core/store/config-snapshot.ts';
import { EMULATOR_KEY, startDeepgram } from '../../emulators/index.ts';
import { temporaryFolder } from '../../helpers/databases.ts';
import { keptLog } from '../../helpers/provider.ts';
import { wordListening } from '../../helpers/word-listening.ts';

const SWITCHES = 1000;
const SESSIONS = 8;
const CLIENTS = 4;
const FACTS = { durationMs: 500, snrDb: 20, class: 'fala' };
/** Half a second of one level: heard as one word. */
const WORD = new Int16Array(8000).fill(100);

t.test('a thousand switches while people speak leave no instance and no socket behind', async (t) => {
  const vendor = await startDeepgram({ listening: wordListening });
  t.teardown(() => vendor.close());
  const app = await registeredApp();
  t.teardown(() => app.close());
  const { registry } = app.balto;
  const [log, clock] = [keptLog(), systemClock];
  const env = {
    BALTO_DATA_DIR: await temporaryFolder(t),
    BALTO_STT: 'stt/deepgram',
    BALTO_VAD: 'vad/webrtc',
    DEEPGRAM_API_KEY: EMULATOR_KEY,
    DEEPGRAM_BASE_URL: vendor.url,
  };
  let snapshot: ConfigSnapshot = EMPTY_SNAPSHOT;
  const live = { snapshot: () => snapshot };
  const providers = await openProviders({ registry, environment: readEnvironment(env, log), env, live, clock, log });
  const { configuration, instances, health, prices, utterances } = providers;
  const shared = { registry, language: 'pt-BR', counterTags: [], budgetLeft: null };

  const sessions = Array.from({ length: SESSIONS }, (_, index) => {
    const follower = configuration.follow(`client-${index % CLIENTS}`, `counter-${index}`);
    const runner = new SttRunner({
      route: (facts) => route({ ...shared, effective: follower.effective(), now: clock.date() }, facts),
      ...{ instances, health, prices, clock, log, ...utterances },
      options: { language: 'pt-BR' },
    });
    return { follower, runner };
  });
  /** For one client, or for everyone; each is a configuration that never was before. */
  const change = async (version: number) => {
    const clientId = version % 10 === 0 ? null : `client-${version % CLIENTS}`;
    const settings = { 'stt/deepgram': { endpointingMs: 10 + version } };
    const item = { version, clientId, counterId: null, section: 'providers.stt', value: { settings } };
    snapshot = await nextSnapshot(snapshot, version, [item], async () => []);
    await configuration.settled();
  };

  const most = { instances: 0, sockets: 0, streams: 0 };
  const texts = new Map<string, number>();
  for (let version = 1; version <= SWITCHES; version++) {
    const { mode, feed } = sessions[version % SESSIONS]?.runner.begin(version) ?? {};
    if (mode !== 'stream' || !feed) throw new Error('nothing is streamed');
    feed.push(WORD.subarray(0, 4000));
    await change(version); // the utterance ends where it began
    feed.push(WORD.subarray(4000));
    const outcome = await feed.end(FACTS);
    const told = `${outcome.status} ${outcome.transcript?.text} in ${outcome.attempts.length}`;
    texts.set(told, (texts.get(told) ?? 0) + 1);
    most.instances = Math.max(most.instances, instances.open.instances);
    most.sockets = Math.max(most.sockets, instances.open.sockets);
    most.streams = Math.max(most.streams, vendor.busy);
  }
  t.comment(JSON.stringify(most));
  t.same([...texts], [['answered p1 in 1', SWITCHES]], 'every word once, at the first attempt');
  t.equal(configuration.problems('client-1').length, 0);
  // A session keeps the stream it last spoke through for a while, whatever changed since.
  t.ok(most.sockets <= SESSIONS + 1 && most.streams <= SESSIONS + 1, 'no more streams than sessions');
  t.ok(most.instances <= SESSIONS + CLIENTS + 2, 'nor more instances than they can use');

  for (const { runner, follower } of sessions) {
    await runner.close();
    follower.leave();
  }
  await vendor.idle();
  while (instances.open.instances > 1) await new Promise((done) => setTimeout(done, 5));
  t.same(instances.open, { instances: instances.open.instances, sockets: 0 }, 'only what everyone may use is kept');
  await providers.close();
  t.same(instances.open, { instances: 0, sockets: 0 });
});
