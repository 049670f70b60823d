import t from 'tap';
import { Segmenter, type SegmenterSettings } from '../../../core/audio/segmenter.ts';

const SETTINGS: SegmenterSettings = {
  silenceFramesNeeded: 30,
  preRollFrames: 20,
  segmentLimitFrames: 100,
  overlapFrames: 27,
  minSpeechMs: 150,
  hardLimitMs: 60_000,
};

/** Runs a line of frames: `#` speech, `.` none, `?` speech that is not credible; returns what was decided. */
function cut(
  line: string,
  settings: Partial<SegmenterSettings> = {},
  mode: 'segment' | 'stream' = 'segment',
): string[] {
  const told: string[] = [];
  let last = 0;
  const segmenter = new Segmenter(
    { ...SETTINGS, ...settings },
    {
      open(first, until, overlaps) {
        last = until;
        told.push(`open ${first}${overlaps ? ' overlap' : ''}`);
        return mode;
      },
      extend(frame) {
        if (frame !== last + 1) told.push(`hole before ${frame}`);
        last = frame;
      },
      close: (reason, silence) => void told.push(`close ${last} ${reason} ${silence}`),
      split: () => mode,
    },
  );
  for (const [frame, mark] of [...line].entries()) segmenter.frame(frame, mark !== '.', mark !== '?');
  return told;
}

const silence = (frames: number) => '.'.repeat(frames);
const spoken = (frames: number) => '#'.repeat(frames);

t.test('pre-roll before, hang-over after', async (t) => {
  t.same(cut(silence(50) + spoken(10) + silence(40)), ['open 30', 'close 89 silence_end 30']);
});

t.test('the pre-roll does not reach into the utterance before', async (t) => {
  const line = silence(50) + spoken(10) + silence(35) + spoken(10) + silence(40);
  t.same(
    cut(line).filter((told) => told.startsWith('open')),
    ['open 30', 'open 90'],
  );
});

t.test('a pause shorter than the hang-over does not part an utterance', async (t) => {
  t.same(cut(silence(20) + spoken(10) + silence(29) + spoken(10) + silence(30)), ['open 0', 'close 98 silence_end 30']);
});

t.test('the minimum speech is counted, and forgotten after a hang-over', async (t) => {
  t.same(cut(silence(20) + spoken(4) + silence(60)), []);
  t.same(cut(silence(20) + spoken(3) + silence(29) + spoken(2) + silence(30)).length, 2, 'within one: added up');
  t.same(cut(silence(20) + spoken(3) + silence(30) + spoken(2) + silence(30)), [], 'after one: not');
  t.same(cut(silence(20) + spoken(1) + silence(30), { minSpeechMs: 0 }).length, 2);
});

t.test(
  'speech that is not credible is not announced, however long; what makes it so is announced with 3 s before',
  async (t) => {
    t.same(cut(silence(20) + '?'.repeat(500)), []);
    t.same(cut(`${silence(20) + '?'.repeat(500)}#`, { segmentLimitFrames: 266 }), ['open 399']);
    t.same(
      cut(`${silence(20) + '?'.repeat(500)}##`),
      ['open 421', 'close 520 safety_limit 0', 'open 494 overlap'],
      'within the limit',
    );
  },
);

t.test('a batch utterance is cut at its limit and goes on with an overlap', async (t) => {
  t.same(cut(silence(20) + spoken(150) + silence(30)), [
    'open 0',
    'close 99 safety_limit 0',
    'open 73 overlap',
    'close 172 safety_limit 3',
  ]);
});

t.test('a streamed utterance is cut at the hard limit only, without overlap', async (t) => {
  const told = cut(silence(20) + spoken(400) + silence(30), { hardLimitMs: 9000 }, 'stream');
  t.same(told, ['open 0', 'close 299 safety_limit 0', 'open 300', 'close 449 silence_end 30']);
});

t.test('an overlap as long as the segment does not stand still', async (t) => {
  const told = cut(spoken(300), { segmentLimitFrames: 40, overlapFrames: 100 });
  const opened = told.filter((line) => line.startsWith('open')).map((line) => Number.parseInt(line.slice(5), 10));
  t.ok(opened.every((first, index) => index === 0 || first - (opened[index - 1] ?? 0) >= 20));
  t.ok(opened.length > 8);
});

t.test('a silence that a forced cut falls into ends at its own length', async (t) => {
  t.same(cut(silence(20) + spoken(70) + silence(40) + spoken(10) + silence(30)), [
    'open 0',
    'close 99 safety_limit 10',
    'open 110',
    'close 169 silence_end 30',
  ]);
});
