import t from 'tap';
import { AudioKeeper } from '../../../core/counter/audio-keeper.ts';
import type { Transcriber, UtteranceFeed } from '../../../core/counter/deps.ts';
import type { UtteranceFacts } from '../../../core/runtime/types.ts';
import { audioPath } from '../../../core/store/audio-files.ts';
import type { JournalEntry } from '../../../core/store/interaction.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';
import { heardAt } from '../../helpers/talking-counter.ts';

const FACTS: UtteranceFacts = { durationMs: 1000, snrDb: null, class: null };
const PATH = 'archiver/2026-11-21/balcao/interaction_7.wav';

function house(disk: (path: string) => Promise<void> = async () => {}) {
  const clock = new ManualClock();
  const keeping: { clientId: string; until: Date }[] = [];
  const files = new Map<string, Uint8Array>();
  const entries: JournalEntry[] = [];
  const log = keptLog();
  const keeper = new AudioKeeper({
    keeping: async () => keeping,
    files: {
      async write(path, wav) {
        await disk(path);
        files.set(path, wav);
      },
    },
    append: async (entry) => void entries.push(entry),
    clock,
    log,
  });
  const feed: UtteranceFeed = { push: () => {}, cancel: () => {}, end: async () => heardAt(clock, 'olá') };
  const inner: Transcriber = { begin: () => ({ mode: 'segment', feed }), finish: () => {}, close: async () => {} };
  /** One utterance of this many samples, as far as its row. */
  const says = async (clientId: string, samples = 16_000) => {
    const { feed } = keeper.tap(inner, clientId).begin(1);
    for (let at = 0; at < samples; at += 480) feed.push(new Int16Array(Math.min(480, samples - at)).fill(9));
    const outcome = await feed.end(FACTS);
    await keeper.store({ id: 7, clientId, counterId: 'balcao', at: clock.date() }, outcome);
  };
  const keep = (clientId: string, ms: number) =>
    keeping.push({ clientId, until: new Date(clock.date().getTime() + ms) });
  return { clock, keeper, keeping, keep, files, entries, says, log };
}

t.test('nobody’s voice is kept unless the client decided so, and only until its date', async (t) => {
  const { clock, keeper, keep, files, entries, says } = house();
  keep('outro', 60_000);
  await keeper.load();
  await says('cliente');
  t.same([...files.keys()], []);
  keep('cliente', 20_000);
  await clock.advance(15_000);
  await keeper.load();
  await says('cliente', 16_000);
  t.same([...files.keys()], [PATH]);
  const wav = files.get(PATH) ?? new Uint8Array();
  t.equal(new TextDecoder().decode(wav.subarray(0, 4)), 'RIFF');
  t.equal(wav.length, 44 + 32_000, 'every sample');
  t.match(entries, [{ type: 'patch', interactionId: 7, fields: { audioFilePath: PATH } }]);
  files.clear();
  await clock.advance(5000);
  await says('cliente');
  t.same([...files.keys()], [], 'its date has come');
  t.equal(clock.pending, 0, 'nothing waits for a row');
});

t.test('a disk that fails costs the voice, not the row; what has no room is dropped and counted', async (t) => {
  const full = house(async () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  full.keep('cliente', 60_000);
  await full.keeper.load();
  await full.says('cliente');
  t.match(full.entries, [{ fields: { audioFilePath: PATH } }, { fields: { audioFilePath: null } }]);
  t.equal(full.keeper.dropped, 1);
  const slow = Promise.withResolvers<void>();
  const small = house(() => slow.promise);
  small.keep('cliente', 3_600_000);
  await small.keeper.load();
  const spoken = Array.from({ length: 5 }, () => small.says('cliente', 15_000_000));
  slow.resolve();
  await Promise.all(spoken);
  await small.keeper.close();
  t.ok(small.keeper.dropped >= 2, `${small.keeper.dropped} of five times 30 MB did not fit into 64`);
});

t.test('what an utterance never got a row for is forgotten', async (t) => {
  const { clock, keeper, keep } = house();
  keep('cliente', 3_600_000);
  await keeper.load();
  const feed: UtteranceFeed = { push: () => {}, cancel: () => {}, end: async () => heardAt(clock, 'olá') };
  const inner: Transcriber = { begin: () => ({ mode: 'segment', feed }), finish: () => {}, close: async () => {} };
  const tapped = keeper.tap(inner, 'cliente').begin(1).feed;
  tapped.push(new Int16Array(480));
  const { sound } = await tapped.end(FACTS);
  await clock.advance(120_000);
  t.equal(sound?.take(), null);
});

t.test('the folder is the day of the shop, not UTC’s', async (t) => {
  const late = { id: 7, counterId: 'balcao', at: new Date('2026-11-22T02:30:00Z') };
  t.equal(audioPath(late), PATH);
  t.equal(audioPath({ ...late, at: new Date('2026-11-22T03:00:00Z') }), PATH.replace('11-21', '11-22'));
});
