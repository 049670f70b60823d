import t from 'tap';
import type { Utterance } from '../../../core/audio/types.ts';
import type { Transcriber } from '../../../core/counter/deps.ts';
import type { VoiceSeat } from '../../../core/counter/voice-desk.ts';
import { dominantWords, storeVoice, voiceColumns, withVoices } from '../../../core/counter/voice-ear.ts';
import { BlockPool } from '../../../core/runtime/ring.ts';
import type { SttOutcome, VoiceVerdict } from '../../../core/runtime/types.ts';
import type { JournalEntry } from '../../../core/store/interaction.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { heardAt } from '../../helpers/talking-counter.ts';

const ANA: VoiceVerdict = { employee: { id: 1, name: 'Ana' }, scores: [{ id: 1, name: 'Ana', score: 0.9 }] };
const FACTS = { durationMs: 1000, snrDb: 20, class: 'fala' };
const SECOND = new Int16Array(16_000).map((_, index) => index % 100);

/** Two seconds, of which the second one is speech. */
const UTTERANCE = {
  startSample: 0,
  endSample: 32_000,
  speechRanges: [[1, 2]],
  receivedAt: new Date('2026-11-21T12:00:00Z'),
} as unknown as Utterance;

function stage(options: { pool?: BlockPool; needed?: boolean; waitsForLabels?: boolean } = {}) {
  const { pool = new BlockPool(), needed = true, waitsForLabels = false } = options;
  const answered = Promise.withResolvers<SttOutcome>();
  const inner: Transcriber = {
    begin: () => ({ mode: 'segment', feed: { push: () => {}, cancel: () => {}, end: () => answered.promise } }),
    finish: () => {},
    close: async () => {},
  };
  const looks: { samples: number; verdict(verdict: VoiceVerdict | null): void }[] = [];
  const seat: VoiceSeat = {
    isNeeded: () => needed,
    identify: (pcm) => new Promise((resolve) => looks.push({ samples: pcm.length, verdict: resolve })),
    leave: () => {},
  };
  const transcriber = withVoices(inner, seat, pool, waitsForLabels);
  const { feed } = transcriber.begin(1);
  for (const second of [SECOND, SECOND]) feed.push(second);
  const hear = (more: Partial<SttOutcome> = {}) => answered.resolve(heardAt(new ManualClock(), 'bom dia', more));
  return { pool, looks, transcriber, feed, hear };
}

const word = (speaker: string | undefined, startMs: number, endMs: number) => ({
  text: '',
  startMs,
  endMs,
  ...(speaker === undefined ? {} : { speaker }),
});
const labelled = (...words: ReturnType<typeof word>[]) => ({ transcript: { text: 'bom dia', model: 'm', words } });

t.test('who speaks is looked for while the vendor transcribes, in the speech alone', async (t) => {
  const { looks, feed, hear, pool } = stage();
  const ending = feed.end(FACTS, UTTERANCE);
  t.equal(looks[0]?.samples, 16_000);
  looks[0]?.verdict(ANA);
  await null;
  hear();
  const { voice } = await ending;
  t.same(voice?.found, ANA, 'known when the row is written');
  t.equal(pool.usedBytes, 0);
});

t.test('the transcript waits for nobody; the row is told afterwards', async (t) => {
  const { looks, feed, hear, transcriber } = stage();
  const ending = feed.end(FACTS, UTTERANCE);
  hear();
  const outcome = await ending;
  const row = { id: 7, ...voiceColumns(outcome.voice?.found) };
  t.same(row, { id: 7, employeeId: null, speakerData: null });
  const entries: JournalEntry[] = [];
  const stored = storeVoice({ append: async (entry) => void entries.push(entry) }, row, outcome);
  const closing = transcriber.close();
  looks[0]?.verdict(ANA);
  await Promise.all([stored, closing]);
  const fields = { employeeId: 1, speakerData: '[{"id":1,"name":"Ana","score":0.9}]' };
  t.same(entries, [{ type: 'patch', interactionId: 7, fields, usage: [] }]);
});

t.test('nobody recognised, or nothing known: the row stays as it is', async (t) => {
  const { looks, feed, hear } = stage();
  const ending = feed.end(FACTS, UTTERANCE);
  hear();
  const outcome = await ending;
  looks[0]?.verdict(null);
  const append = async () => void t.fail('nothing is written');
  await storeVoice({ append }, { id: 7, employeeId: null, speakerData: null }, outcome);
  await storeVoice({ append }, { id: 7, employeeId: null, speakerData: null }, heardAt(new ManualClock(), 'x'));
  t.same(voiceColumns({ employee: null, scores: ANA.scores }), {
    employeeId: null,
    speakerData: '[{"id":1,"name":"Ana","score":0.9}]',
  });
});

t.test('with several voices told apart, only the words of the one that spoke longest are looked at', async (t) => {
  const words = [word('A', 0, 300), word('B', 300, 1000), word(undefined, 1000, 1900), word('B', 1900, 2000)];
  t.same(
    dominantWords(words)?.map(({ startMs }) => startMs),
    [300, 1900],
  );
  t.equal(dominantWords([word('A', 0, 100), word('A', 100, 200)]), null, 'one voice');
  for (const waitsForLabels of [false, true]) {
    const { looks, feed, hear } = stage({ waitsForLabels });
    const ending = feed.end(FACTS, UTTERANCE);
    t.equal(looks.length, waitsForLabels ? 0 : 1);
    hear(labelled(...words));
    const { voice } = await ending;
    t.equal(looks.at(-1)?.samples, 800 * 16, '0.7 s and 0.1 s');
    if (!waitsForLabels) looks[0]?.verdict({ employee: null, scores: [] });
    looks.at(-1)?.verdict(ANA);
    t.same(await voice?.done, ANA, 'the first look does not count any more');
  }
});

t.test('labels were asked for and there is one voice: all of the speech is looked at', async (t) => {
  const { looks, feed, hear } = stage({ waitsForLabels: true });
  const ending = feed.end(FACTS, UTTERANCE);
  hear(labelled(word('A', 0, 900)));
  await ending;
  t.equal(looks[0]?.samples, 16_000);
});

t.test('where nobody could be recognised no sound is kept', async (t) => {
  const { pool, feed, hear, looks } = stage({ needed: false });
  t.equal(pool.usedBytes, 0);
  hear();
  t.equal((await feed.end(FACTS, UTTERANCE)).voice, undefined);
  t.equal(looks.length, 0);
});

t.test('no utterance, a session that ends, or memory that others need: the sound is given back', async (t) => {
  const cancelled = stage();
  t.ok(cancelled.pool.usedBytes > 0);
  cancelled.feed.cancel();
  t.equal(cancelled.pool.usedBytes, 0);
  const closed = stage();
  await closed.transcriber.close();
  t.equal(closed.pool.usedBytes, 0);
  const pool = new BlockPool({ maxBytes: 5 * 16_384 });
  const first = stage({ pool });
  const second = stage({ pool });
  const ending = first.feed.end(FACTS, UTTERANCE);
  first.hear();
  t.equal((await ending).voice?.found, null, 'the older one does without');
  t.equal(first.looks.length, 0, 'and is not looked for');
  second.feed.cancel();
  t.equal(pool.usedBytes, 0);
});
