import fc from 'fast-check';
import t from 'tap';
import { HeardLedger, type Span } from '../../../core/counter/heard-ledger.ts';
import { Replay, replaySteps } from '../../../core/counter/replay.ts';
import { type Gap, Timeline } from '../../../core/counter/timeline.ts';

/** A stream: samples nobody hears, then runs of sound with pauses between them. */
const streams = fc.record({
  discard: fc.nat(5),
  position: fc.nat(50),
  runs: fc.array(fc.record({ samples: fc.integer({ min: 1, max: 12 }), gap: fc.nat(9) }), {
    minLength: 1,
    maxLength: 8,
  }),
});

/** What the classes are told of it, and the audio time of each heard sample, counted out. */
function laidOut({
  discard,
  position,
  runs,
}: {
  discard: number;
  position: number;
  runs: { samples: number; gap: number }[];
}) {
  const times: number[] = [];
  const gaps: Gap[] = [];
  let at = position;
  for (const { samples, gap } of runs) {
    for (let index = 0; index < samples; index++) times.push(at++);
    if (gap > 0) gaps.push({ position: at, samples: gap });
    at += gap;
  }
  return { times, gaps, end: at, timeOf: (sample: number) => times[sample - discard] };
}

t.test('a timeline finds the sample of every moment, and in a pause the one behind it', async () => {
  fc.assert(
    fc.property(streams, (stream) => {
      const { times, gaps, end } = laidOut(stream);
      const timeline = new Timeline(stream.discard, stream.position, gaps);
      for (let moment = stream.position; moment <= end; moment++) {
        const behind = times.findIndex((time) => time >= moment);
        const expected = stream.discard + (behind < 0 ? times.length : behind);
        if (timeline.sampleAt(moment) !== expected) return false;
      }
      return true;
    }),
  );
});

t.test('what a timeline forgets changes nothing behind it', async () => {
  fc.assert(
    fc.property(streams, fc.nat(200), (stream, ahead) => {
      const { gaps, end } = laidOut(stream);
      const whole = new Timeline(stream.discard, stream.position, gaps);
      const shortened = new Timeline(stream.discard, stream.position, gaps);
      const from = Math.min(end, stream.position + ahead);
      shortened.from(from);
      for (let moment = from; moment <= end; moment++) {
        if (whole.sampleAt(moment) !== shortened.sampleAt(moment)) return false;
      }
      return true;
    }),
  );
});

t.test('a replay gives each sample that is not stored, once, at its own time, however it is cut', async () => {
  const spans = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 20 })), { maxLength: 4 });
  fc.assert(
    fc.property(streams, spans, fc.integer({ min: 1, max: 7 }), (stream, chosen, chunk) => {
      const { times, gaps, timeOf } = laidOut(stream);
      const samples = stream.discard + times.length;
      // Utterances begin and end at sound, not inside a pause.
      const stored: Span[] = chosen.flatMap(([first, length], segment) => {
        const from = times[first];
        const last = times[Math.min(first + length, times.length) - 1];
        return from === undefined || last === undefined ? [] : [{ segment, from, to: last + 1 }];
      });
      const replay = new Replay(replaySteps({ ...stream, gaps, stored }));
      const heard: [time: number, sample: number][] = [];
      let clock = stream.position;
      const sink = {
        pcm: (pcm: Float32Array) => {
          for (const sample of pcm) heard.push([clock++, sample]);
        },
        gap: (length: number) => {
          clock += length;
        },
      };
      const all = Float32Array.from({ length: samples }, (_, index) => index);
      for (let from = 0; from < samples; from += chunk) replay.push(all.subarray(from, from + chunk), sink);
      const isStored = (time: number) => stored.some(({ from, to }) => from <= time && time < to);
      const expected = [...all.subarray(stream.discard)].flatMap((sample) => {
        const time = timeOf(sample) ?? Number.NaN;
        return isStored(time) ? [] : [[time, sample]];
      });
      return JSON.stringify(heard) === JSON.stringify(expected);
    }),
    { numRuns: 500 },
  );
});

t.test(
  'a ledger: up to the first utterance that is not stored nothing is heard again, behind it what is not',
  async () => {
    const fates = fc.array(fc.constantFrom('stored', 'open', 'cancelled', 'failed'), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fates, (said) => {
        const ledger = new HeardLedger();
        const spans = said.map((fate, index) => ({
          segment: index + 1,
          from: index * 100,
          to: index * 100 + 80,
          fate,
        }));
        for (const { segment, from, to, fate } of spans) {
          ledger.begin(segment, from, false);
          if (fate === 'cancelled') ledger.cancel(segment);
          else ledger.end(segment, to);
        }
        for (const { segment, fate } of spans) {
          if (fate === 'stored') ledger.stored(segment);
          if (fate === 'failed') ledger.failed(segment);
        }
        const missing = spans.filter(({ fate }) => fate === 'open' || fate === 'failed');
        const first = ledger.first(0);
        if (first?.position !== missing[0]?.from) return false;
        const wanted = missing.map(({ segment }) => segment);
        if (JSON.stringify(ledger.unstoredSegments()) !== JSON.stringify(wanted)) return false;
        const from = first?.position ?? spans.length * 100;
        const behind = spans.filter((span) => span.fate === 'stored' && span.from >= from);
        const shown = behind.map(({ segment, from, to }) => ({ segment, from, to }));
        return JSON.stringify(ledger.storedFrom(from)) === JSON.stringify(shown);
      }),
    );
  },
);

t.test('a ledger gives up what could not be stored once nobody has its sound', async (t) => {
  const ledger = new HeardLedger();
  ledger.begin(1, 0, false);
  ledger.end(1, 1000);
  ledger.failed(1);
  ledger.begin(2, 2000, false);
  t.same(ledger.first(1000), { position: 0, overlap: 0 }, 'its last sample may still be there');
  t.same(ledger.first(1001), { position: 2000, overlap: 0 });
});

t.test('a ledger keeps of a stored utterance what the next one repeats', async (t) => {
  const ledger = new HeardLedger();
  ledger.begin(1, 0, false);
  ledger.end(1, 1000);
  ledger.begin(2, 800, true);
  ledger.stored(1);
  t.same(ledger.first(0), { position: 800, overlap: 200 });
  t.same(ledger.storedFrom(0), [{ segment: 1, from: 0, to: 800 }]);
});
