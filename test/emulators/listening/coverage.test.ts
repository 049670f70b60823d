import t, { type Test } from 'tap';
import { seededRandom } from '../../fixtures/conversation/noise.ts';
import { conversation } from '../../helpers/conversation.ts';
import { Coverage, CoverageReference } from './coverage.ts';
import { lengthOf, type SampleRange } from './ranges.ts';

const { script, pcm } = conversation();
const reference = new CoverageReference(pcm, script);
const texts = script.utterances.flatMap(({ words }) => words.map(({ text }) => text));
const sample = (ms: number) => Math.round(ms * 16);
const piece = (fromMs: number, toMs: number) => pcm.slice(sample(fromMs), sample(toMs));

function joined(...parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Twenty-five places a stretch of reference, at least 700 ms apart, so that each edit stands alone. */
function places(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const slot = Math.floor((pcm.length - 16_000) / count);
  return Array.from({ length: count }, (_, index) => 8000 + index * slot + Math.floor(random() * (slot - 11_200)));
}

function near(t: Test, found: SampleRange[], wanted: SampleRange[], what: string): void {
  t.equal(found.length, wanted.length, `${what}: as many ranges`);
  for (const [index, range] of wanted.entries()) {
    const one = found[index];
    t.ok(
      one && Math.abs(one.startSample - range.startSample) <= 16 && Math.abs(one.endSample - range.endSample) <= 16,
      `${what}: ${JSON.stringify(one)} is ${JSON.stringify(range)} within 1 ms`,
    );
  }
}

t.test('the whole conversation gives every word once, in order, and nothing is missing', async (t) => {
  const coverage = new Coverage(reference);
  const heard = coverage.hear(pcm);
  t.same(
    heard.words.map(({ text }) => text),
    texts,
  );
  t.same(heard.ranges, [{ startSample: 0, endSample: pcm.length, inputSample: 0, score: 1 }]);
  const report = coverage.report();
  t.same([report.missing, report.heardTwice, report.wordsNeverHeard, report.wordsHeardTwice], [[], [], [], []]);
});

t.test('word times count from the start of the audio given', async (t) => {
  const line = script.utterances[1]!;
  const heard = new Coverage(reference).hear(piece(line.startMs - 600, line.endMs + 900));
  t.equal(heard.text, line.text);
  for (const [index, word] of line.words.entries()) {
    t.equal(heard.words[index]?.startMs, word.startMs - line.startMs + 600);
    t.equal(heard.words[index]?.endMs, word.endMs - line.startMs + 600);
  }
});

t.test('a word is heard when at least 80 % of it was given', async (t) => {
  const word = script.utterances[1]!.words.find(({ text }) => text === 'espirrando,')!;
  const length = word.endMs - word.startMs;
  const upTo = (share: number) => new Coverage(reference).hear(piece(word.startMs - 20, word.startMs + share * length));
  t.equal(upTo(0.78).text, '');
  t.equal(upTo(0.82).text, 'espirrando,');
  const holed = joined(
    piece(word.startMs - 100, word.startMs + 0.4 * length),
    piece(word.startMs + 0.55 * length, word.endMs + 100),
  );
  t.equal(new Coverage(reference).hear(holed).text, 'espirrando,', '15 % missing in the middle');
});

t.test('words come as often and in the order they were given', async (t) => {
  const first = script.utterances[5]!;
  const second = script.utterances[2]!;
  const one = piece(first.startMs, first.endMs);
  const heard = new Coverage(reference).hear(joined(one, piece(second.startMs, second.endMs), one));
  t.equal(heard.text, `${first.text} ${second.text} ${first.text}`);
});

t.test('200 ms removed at 50 random places: each hole is seen, at its sample', async (t) => {
  const holes = places(50, 1).map((at) => ({ startSample: at, endSample: at + 3200 }));
  const kept: Int16Array[] = [];
  let at = 0;
  for (const hole of holes) {
    kept.push(pcm.slice(at, hole.startSample));
    at = hole.endSample;
  }
  const coverage = new Coverage(reference);
  coverage.hear(joined(...kept, pcm.slice(at)));
  const everywhere = { within: [{ startSample: 0, endSample: pcm.length }] };
  near(t, coverage.report(everywhere).missing, holes, 'holes');
  t.equal(coverage.report(everywhere).heardTwice.length, 0);
  t.equal(coverage.report().unknownSamples, 0);
});

t.test('200 ms doubled at 50 random places: each double is seen, at its sample', async (t) => {
  const doubles = places(50, 2).map((at) => ({ startSample: at, endSample: at + 3200 }));
  const parts: Int16Array[] = [];
  let at = 0;
  for (const double of doubles) {
    parts.push(pcm.slice(at, double.endSample));
    at = double.startSample;
  }
  const coverage = new Coverage(reference);
  coverage.hear(joined(...parts, pcm.slice(at)));
  const everywhere = { within: [{ startSample: 0, endSample: pcm.length }] };
  near(t, coverage.report(everywhere).heardTwice, doubles, 'doubles');
  t.equal(coverage.report(everywhere).missing.length, 0);
  t.equal(lengthOf(coverage.report({ ...everywhere, allowTwice: doubles }).heardTwice), 0, 'allowed ones are not told');
});

t.test('utterances given one by one, with the overlap of a forced cut', async (t) => {
  const coverage = new Coverage(reference);
  const long = script.utterances[3]!;
  const cutMs = long.startMs - 600 + 7980;
  const overlap = { startSample: sample(cutMs - 810), endSample: sample(cutMs) };
  for (const line of script.utterances) {
    if (line === long) {
      coverage.hear(piece(line.startMs - 600, cutMs));
      coverage.hear(piece(cutMs - 810, line.endMs + 900));
    } else coverage.hear(piece(line.startMs - 600, line.endMs + 900));
  }
  near(t, coverage.report().heardTwice, [overlap], 'the overlap');
  const report = coverage.report({ allowTwice: [overlap] });
  t.same([report.missing, report.heardTwice, report.wordsNeverHeard, report.wordsHeardTwice], [[], [], [], []]);
});

t.test('a lost utterance is told by its range and its words', async (t) => {
  const coverage = new Coverage(reference);
  const lost = script.utterances[7]!;
  for (const line of script.utterances) if (line !== lost) coverage.hear(piece(line.startMs, line.endMs));
  const report = coverage.report();
  near(t, report.missing, [{ startSample: sample(lost.startMs), endSample: sample(lost.endMs) }], 'the lost one');
  t.same(report.wordsNeverHeard, lost.text.split(' '));
});

t.test('a stream in pushes of any size hears the same as one piece', async (t) => {
  const line = script.utterances[6]!;
  const audio = joined(piece(line.startMs - 600, line.endMs + 200), piece(line.endMs - 700, line.endMs + 300));
  const whole = new Coverage(reference).hear(audio);
  for (const size of [1, 79, 480, 1600]) {
    const coverage = new Coverage(reference);
    const stream = coverage.openStream(16_000);
    for (let at = 0; at < audio.length; at += size) stream.push(audio.subarray(at, at + size));
    const heard = stream.take();
    t.same(heard.words, whole.words, `pushes of ${size}`);
    t.same(heard.ranges, whole.ranges);
    t.equal(stream.take().text, '', 'each word is given once');
  }
});

t.test('a stream says what it has heard so far, and take empties it', async (t) => {
  const [first, second] = [script.utterances[0]!, script.utterances[1]!];
  const stream = new Coverage(reference).openStream(16_000);
  stream.push(piece(first.startMs, first.words[3]!.startMs));
  t.equal(stream.partial(), 'Bom dia! Seja');
  stream.push(piece(first.words[3]!.startMs, first.endMs));
  t.equal(stream.take().text, first.text);
  stream.push(piece(second.startMs, second.endMs));
  const heard = stream.take();
  t.equal(heard.text, second.text);
  t.equal(heard.words[0]?.startMs, first.endMs - first.startMs, 'times count from the start of the stream');
});

t.test('digital silence and noise are heard as nothing', async (t) => {
  const coverage = new Coverage(reference);
  const random = seededRandom(9);
  t.equal(coverage.hear(new Int16Array(32_000)).ranges.length, 0);
  const noise = Int16Array.from({ length: 32_000 }, () => (random() - 0.5) * 8000);
  const heard = coverage.hear(noise);
  t.equal(heard.ranges.length, 0);
  t.equal(lengthOf(heard.unknown), 32_000);
  const line = script.utterances[2]!;
  const padded = joined(new Int16Array(8000), piece(line.startMs, line.endMs), new Int16Array(8000));
  t.equal(coverage.hear(padded).text, line.text);
});

t.test('audio that is not bit-identical is found by correlation', async (t) => {
  const line = script.utterances[7]!;
  const audio = piece(line.startMs - 600, line.endMs + 900);
  const random = seededRandom(3);
  const changes: Record<string, Int16Array> = {
    halved: audio.map((value) => value / 2),
    'off by one': audio.map((value) => value + Math.round(random() * 2 - 1)),
    noisy: audio.map((value) => value + (random() - 0.5) * 600),
  };
  for (const [name, changed] of Object.entries(changes)) {
    const coverage = new Coverage(reference);
    t.equal(coverage.hear(changed).text, line.text, name);
    t.equal(coverage.report({ within: [reference.speech[7]!] }).missing.length, 0, name);
  }
  const slow = new Int16Array(audio.length / 2).map((_, index) => (audio[index * 2]! + audio[index * 2 + 1]!) / 2);
  t.equal(new Coverage(reference).transcribe(slow, 8000).text, line.text, 'at 8 kHz');
});

t.test('holes and doubles in re-scaled audio are seen too, within 10 ms', async (t) => {
  const line = script.utterances[3]!;
  const from = sample(line.startMs);
  const halved = pcm.slice(from, sample(line.endMs)).map((value) => value / 2);
  const hole = { startSample: from + 40_000, endSample: from + 43_200 };
  const coverage = new Coverage(reference);
  coverage.hear(joined(halved.slice(0, 40_000), halved.slice(43_200)));
  const [missing, ...others] = coverage.report({ within: [reference.speech[3]!], minSamples: 160 }).missing;
  t.equal(others.length, 0);
  t.ok(missing && Math.abs(missing.startSample - hole.startSample) < 160, JSON.stringify({ missing, hole }));
  coverage.clear();
  coverage.hear(joined(halved.slice(0, 43_200), halved.slice(40_000)));
  const [twice, ...more] = coverage.report({ within: [reference.speech[3]!], minSamples: 160 }).heardTwice;
  t.equal(more.length, 0);
  t.ok(twice && Math.abs(twice.startSample - hole.startSample) < 160, JSON.stringify({ twice, hole }));
});

t.test('ten seconds are found in less than 20 ms, wherever they lie', async (t) => {
  const times = [3, 17, 31, 45, 59].map((seconds) => {
    const audio = pcm.slice(seconds * 16_000 + 77, (seconds + 10) * 16_000);
    const startedAt = performance.now();
    new Coverage(reference).hear(audio);
    return performance.now() - startedAt;
  });
  t.comment(`ms for 10 s: ${times.map((ms) => ms.toFixed(1)).join(' ')}`);
  t.ok(Math.min(...times) < 20);
});
