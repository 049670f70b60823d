import { type Cleaner, type CleanerStream, CORE_SAMPLE_RATE_HZ } from '../../contracts/index.ts';
import { type Check, type Life, must } from '../check.ts';
import { recordingOf, withNoise } from '../local/recording.ts';
import { pinkNoise, scaled, seededRandom } from '../local/signals.ts';
import { openLocal } from '../local/world.ts';
import { type CleanerSubject, clean, openCleaner } from './subject.ts';

const LONGEST_FRAME_MS = 64;
const LONGEST_DELAY_MS = 100;
/** −80 dB. */
const SILENT = 1e-4;
const SENTINEL = 7;

/** The least a cleaner must do, and what the core counts on while counters come and go. */
export const basicChecks: readonly Check<CleanerSubject>[] = [
  {
    id: 'frame-shape',
    title: 'It takes frames of at most 64 ms at the rate of the core, and lags by at most 100 ms.',
    tier: 'bronze',
    async run(subject, life) {
      const { sampleRateHz, frameSamples, delaySamples } = await openCleaner(subject, life);
      must(sampleRateHz === CORE_SAMPLE_RATE_HZ, `${CORE_SAMPLE_RATE_HZ} Hz`);
      must(Number.isInteger(frameSamples) && frameSamples > 0, 'whole frames');
      must(frameSamples <= (LONGEST_FRAME_MS * sampleRateHz) / 1000, `frames of at most ${LONGEST_FRAME_MS} ms`);
      must(Number.isInteger(delaySamples) && delaySamples >= 0, 'a delay in samples');
      must(delaySamples <= (LONGEST_DELAY_MS * sampleRateHz) / 1000, `at most ${LONGEST_DELAY_MS} ms late`);
    },
  },
  {
    id: 'output-is-written',
    title: 'Each sample of the output is written, and none behind it.',
    tier: 'bronze',
    async run(subject, life) {
      const { stream, size, frames } = await fed(subject, life);
      const memory = new Float32Array(size + 2).fill(SENTINEL);
      for (const frame of frames) {
        memory.fill(SENTINEL);
        stream.process(frame, memory.subarray(1, size + 1));
        must(memory[0] === SENTINEL && memory[size + 1] === SENTINEL, 'nothing outside of the frame');
        must(!memory.subarray(1, size + 1).includes(SENTINEL), 'all of the frame');
      }
    },
  },
  {
    id: 'output-is-finite',
    title: 'The output is finite, of clipped audio too.',
    tier: 'bronze',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      const noisy = sample(subject);
      for (const pcm of [noisy, noisy.map((value) => Math.max(-1, Math.min(1, value * 1000)))]) {
        must(clean(cleaner, pcm).every(Number.isFinite), 'finite samples');
      }
    },
  },
  {
    id: 'silence-stays-silence',
    title: 'Silence stays silence, also after speech.',
    tier: 'bronze',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      must(clean(cleaner, new Float32Array(32_000)).every(isSilent), 'silence of silence');
      const stream = cleaner.open();
      clean(cleaner, sample(subject), stream);
      const after = clean(cleaner, new Float32Array(32_000), stream);
      must(after.subarray(cleaner.delaySamples + 8000).every(isSilent), 'silence after speech');
    },
  },
  {
    id: 'process-is-synchronous',
    title: 'process returns nothing: no promise per frame.',
    tier: 'silver',
    async run(subject, life) {
      const { stream, size, frames } = await fed(subject, life);
      const returned = frames.map((frame) => (stream.process as Processing)(frame, new Float32Array(size)));
      must(
        returned.every((value) => value === undefined),
        'nothing returned',
      );
    },
  },
  {
    id: 'input-is-kept',
    title: 'The input is left as it is.',
    tier: 'silver',
    async run(subject, life) {
      const { stream, size, frames } = await fed(subject, life);
      for (const frame of frames) {
        const before = frame.slice();
        stream.process(frame, new Float32Array(size));
        must(equal(before, frame), 'the same input as before');
      }
    },
  },
  {
    id: 'output-may-be-input',
    title: 'The output may be written over the input.',
    tier: 'silver',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      const { stream, frames } = await fed(subject, life);
      const expected = clean(cleaner, sample(subject));
      for (const [index, frame] of frames.entries()) {
        stream.process(frame, frame);
        must(equal(frame, frameOf(expected, index, frame.length)), 'the same as with two arrays');
      }
    },
  },
  {
    id: 'frame-is-borrowed',
    title: 'What the caller writes into a frame after process is not heard.',
    tier: 'silver',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      const { stream, frames, size } = await fed(subject, life);
      const expected = clean(cleaner, sample(subject));
      for (const [index, frame] of frames.entries()) {
        const output = new Float32Array(size);
        stream.process(frame, output);
        frame.fill(1);
        must(equal(output, frameOf(expected, index, size)), 'the same as with frames nobody touches');
        output.fill(1);
      }
    },
  },
  {
    id: 'streams-independent',
    title: 'What one stream hears changes nothing for another.',
    tier: 'silver',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      const { stream, frames, size } = await fed(subject, life, cleaner);
      const expected = clean(cleaner, sample(subject));
      const beside = cleaner.open();
      const noise = scaled(pinkNoise(size, seededRandom(6)), 0.5);
      for (const [index, frame] of frames.entries()) {
        const output = new Float32Array(size);
        beside.process(noise, new Float32Array(size));
        stream.process(frame, output);
        must(equal(output, frameOf(expected, index, size)), 'the same beside a noisy stream');
      }
    },
  },
  {
    id: 'reset-forgets',
    title: 'After reset a stream cleans as a new one does.',
    tier: 'silver',
    async run(subject, life) {
      const cleaner = await openCleaner(subject, life);
      const expected = clean(cleaner, sample(subject));
      const stream = cleaner.open();
      clean(cleaner, scaled(pinkNoise(32_000, seededRandom(7)), 0.5), stream);
      stream.reset();
      must(equal(clean(cleaner, sample(subject), stream), expected), 'the same as a new one');
    },
  },
  {
    id: 'close-twice',
    title: 'Closing a stream twice does no harm.',
    tier: 'silver',
    async run(subject, life) {
      const stream = (await openCleaner(subject, life)).open();
      stream.close();
      stream.close();
    },
  },
  {
    id: 'instances-independent',
    title: 'Two instances live side by side; closing one leaves the other as it is.',
    tier: 'silver',
    async run(subject, life) {
      const first = await openCleaner(subject, life);
      const second = await openLocal(subject, life);
      const expected = clean(first, sample(subject));
      await second.close?.();
      must(equal(clean(first, sample(subject)), expected), 'the same after the other closed');
    },
  },
];

type Processing = (input: Float32Array, output: Float32Array) => unknown;

/** The first seconds of the recording with some noise: up to the end of the first speech, and half a second more. */
function sample(subject: CleanerSubject): Float32Array {
  const recording = recordingOf(subject.recording);
  const [, end] = recording.spans[0] as readonly [number, number];
  return withNoise(recording, 10).subarray(0, Math.min(end + 8000, 80_000));
}

async function fed(
  subject: CleanerSubject,
  life: Life,
  cleaner?: Cleaner,
): Promise<{ stream: CleanerStream; size: number; frames: Float32Array[] }> {
  const opened = cleaner ?? (await openCleaner(subject, life));
  const size = opened.frameSamples;
  const pcm = sample(subject);
  const frames = Array.from({ length: Math.floor(pcm.length / size) }, (_, i) => pcm.slice(i * size, (i + 1) * size));
  return { stream: opened.open(), size, frames };
}

function frameOf(pcm: Float32Array, index: number, size: number): Float32Array {
  return pcm.subarray(index * size, (index + 1) * size);
}

function isSilent(value: number): boolean {
  return Math.abs(value) < SILENT;
}

function equal(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] as number)) < 1e-6);
}
