import fc from 'fast-check';
import t from 'tap';
import type { Ear } from '../../../core/audio/ear.ts';
import type { EarState } from '../../../core/audio/types.ts';
import { type Heard, listen, loudnessVad, speech, tones } from '../../helpers/ear.ts';

/** A device's pieces: as many samples each, in turn. */
function push(ear: Ear, pcm: Float32Array, sizes: readonly number[], each: (given: number) => void = () => {}): void {
  for (let at = 0, index = 0; at < pcm.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    ear.push(pcm.subarray(at, at + size), 0);
    at += size;
    each(Math.min(at, pcm.length));
  }
}

const spans = ({ utterances }: Heard) =>
  utterances.map(({ startSample, endSample, cutReason, overlapsPrevious }) => ({
    startSample,
    endSample,
    cutReason,
    overlapsPrevious,
  }));

const parts = fc.array(fc.tuple(fc.double({ min: 0.05, max: 4, noNaN: true }), fc.constantFrom(0, 0.3)), {
  minLength: 1,
  maxLength: 8,
});
const sizes = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 });

t.test('no utterance reaches back behind what was said to be settled', async () => {
  await fc.assert(
    fc.asyncProperty(parts, sizes, async (said, cuts) => {
      let settled = 0;
      let isKept = true;
      const heard = listen(loudnessVad(), { settings: { segmentLimitFrames: 60 } });
      const { starts, utterances } = heard;
      let known = 0;
      const check = () => {
        for (; known < starts.length; known++) isKept &&= (starts[known]?.startSample ?? 0) >= settled;
        const open = starts.length > utterances.length ? starts.at(-1)?.startSample : undefined;
        settled = Math.max(settled, Math.min(open ?? Number.POSITIVE_INFINITY, heard.ear.state.position));
      };
      push(heard.ear, tones(...said), cuts, check);
      await heard.ear.flush('client_end');
      check();
      heard.ear.close();
      return isKept;
    }),
    { numRuns: 40 },
  );
});

t.test('another ear goes on where one stopped: the same utterances, each whole, none twice', async (t) => {
  const settings = { segmentLimitFrames: 90 };
  const pcm = tones([0.7, 0], [1.3, 0.3], [1.5, 0], [6.4, 0.3], [1.2, 0], [0.4, 0.3], [2, 0], [5, 0.3], [1.5, 0]);
  const whole = listen(loudnessVad(), { settings });
  push(whole.ear, pcm, [480]);
  await whole.ear.flush('client_end');
  t.ok(
    spans(whole).some(({ overlapsPrevious }) => overlapsPrevious),
    'speech that is cut by force is among them',
  );
  let overlaps = 0;
  for (let cut = 1000; cut < pcm.length; cut += 5331) {
    const first = listen(loudnessVad(), { settings });
    push(first.ear, pcm.subarray(0, cut), [700]);
    const state: EarState = first.ear.state;
    const open = first.starts.length > first.utterances.length ? first.starts.at(-1) : undefined;
    const ended = first.utterances.at(-1)?.endSample ?? 0;
    // What is being told is told again: its owner knows where it began, and what it repeats.
    const from = open
      ? {
          ...state,
          position: open.startSample,
          overlapFrames: open.overlapsPrevious ? (ended - open.startSample) / 480 : 0,
        }
      : state;
    if (from.overlapFrames > 0) overlaps++;
    let segment = first.utterances.length;
    const second = listen(loudnessVad(), { settings, from, nextSegment: () => ++segment });
    push(second.ear, pcm.subarray(from.position), [900]);
    await second.ear.flush('client_end');
    t.same([...spans(first), ...spans(second)], spans(whole), `cut at ${cut}`);
    if (segment > first.utterances.length) t.equal(segment, whole.utterances.length, 'numbers go on');
    for (const { ear } of [first, second]) ear.close();
  }
  t.ok(overlaps > 5, `${overlaps} times in the middle of speech that was cut by force`);
});

t.test('the noise floor goes with it', async (t) => {
  const first = listen(loudnessVad());
  const noise = Float32Array.from({ length: 64_000 }, (_, at) => 0.01 * Math.sin(at * 1.7));
  first.ear.push(noise, 0);
  const { noise: floor } = first.ear.state;
  t.ok(floor > 200, `${floor}`);
  t.equal(listen(loudnessVad(), { from: first.ear.state }).ear.state.noise, floor);
});

t.test('an ear that begins in the middle of a voice hears what comes', async (t) => {
  const { pcm } = speech();
  const { ear, utterances } = listen(loudnessVad(), { from: { position: 320_000, noise: 50, overlapFrames: 0 } });
  push(ear, pcm, [8000]);
  await ear.flush('client_end');
  t.ok(utterances.length > 0 && utterances.every(({ startSample }) => startSample >= 320_000));
  t.equal(ear.position, 320_000 + pcm.length);
});
