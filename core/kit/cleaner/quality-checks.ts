import type { Cleaner } from '../../contracts/index.ts';
import { type Check, type Life, must } from '../check.ts';
import { allocatedPerCall, keptBy } from '../local/memory.ts';
import { type Recording, recordingOf, withNoise } from '../local/recording.ts';
import { pinkNoise, rms, scaled, seededRandom } from '../local/signals.ts';
import { lagOf, levelDb, noiseDb, seam } from './measure.ts';
import { aligned, type CleanerSubject, clean, openCleaner } from './subject.ts';

/** 1 ms. */
const DELAY_TOLERANCE = 16;
const UNHARMED_DB = -10;
const LEVEL_DB = 3;
const REDUCTION_DB = 6;
const NOISY_DB = 5;
const GAIN_DB = 3;
const LIGHT_DB = 15;
const LOSS_DB = 1;
const SEAM = 1.15;
const FRAMES = 100_000;
const LEAST_FRAMES = 20_000;
const PART_FRAMES = 5000;
const LONGEST_MS = 6000;
const FRAME_BYTES = 64;
const OPENED = 1000;
const KEPT_BYTES = 4 * 1024 * 1024;
const CORE_SHARE = 0.1;

/** How well it cleans, and what it costs. */
export const qualityChecks: readonly Check<CleanerSubject>[] = [
  {
    id: 'delay-true',
    title: 'The output lags by what it says, within 1 ms.',
    tier: 'silver',
    async run(subject, life) {
      const { cleaner, recording } = await arrange(subject, life);
      const [from] = recording.spans[0] as readonly [number, number];
      const speech = recording.pcm.subarray(from, from + 32_000);
      const lag = lagOf(speech, clean(cleaner, speech), cleaner.delaySamples + 1024);
      must(Math.abs(lag - cleaner.delaySamples) <= DELAY_TOLERANCE, `a lag of ${cleaner.delaySamples}, not ${lag}`);
    },
  },
  {
    id: 'speech-unharmed',
    title: `Speech with next to no noise comes through: what is changed is ${-UNHARMED_DB} dB below it.`,
    tier: 'silver',
    async run(subject, life) {
      const { cleaner, recording } = await arrange(subject, life);
      must(noiseDb(aligned(cleaner, recording.pcm), recording) < UNHARMED_DB, `${UNHARMED_DB} dB of change`);
    },
  },
  {
    id: 'level-kept',
    title: `Speech is as loud as it was, within ${LEVEL_DB} dB.`,
    tier: 'silver',
    async run(subject, life) {
      const { cleaner, recording } = await arrange(subject, life);
      const level = levelDb(aligned(cleaner, withNoise(recording, LIGHT_DB)), recording);
      must(Math.abs(level) < LEVEL_DB, `within ${LEVEL_DB} dB, not ${level.toFixed(1)}`);
    },
  },
  {
    id: 'noise-reduced',
    title: `Steady noise alone is ${REDUCTION_DB} dB lower after three seconds.`,
    tier: 'silver',
    async run(subject, life) {
      const { cleaner } = await arrange(subject, life);
      const noise = scaled(pinkNoise(96_000, seededRandom(9)), 0.1);
      const left = rms(clean(cleaner, noise).subarray(48_000));
      must(20 * Math.log10(rms(noise) / Math.max(left, 1e-12)) > REDUCTION_DB, `${REDUCTION_DB} dB less noise`);
    },
  },
  {
    id: 'snr-gain',
    title: `Speech ${NOISY_DB} dB over steady noise is ${GAIN_DB} dB clearer.`,
    tier: 'gold',
    async run(subject, life) {
      const gain = await gainAt(subject, life, NOISY_DB);
      must(gain > GAIN_DB, `a gain of ${GAIN_DB} dB, not ${gain.toFixed(1)}`);
    },
  },
  {
    id: 'light-noise-not-worse',
    title: `Speech ${LIGHT_DB} dB over steady noise is not made worse.`,
    tier: 'gold',
    async run(subject, life) {
      const gain = await gainAt(subject, life, LIGHT_DB);
      must(gain > -LOSS_DB, `at most ${LOSS_DB} dB worse, not ${(-gain).toFixed(1)}`);
    },
  },
  {
    id: 'no-clicks',
    title: 'Nobody hears where one frame ends and the next begins.',
    tier: 'gold',
    async run(subject, life) {
      const { cleaner, recording } = await arrange(subject, life);
      const noisy = withNoise(recording, LIGHT_DB);
      const before = seam(noisy, cleaner.frameSamples);
      must(seam(clean(cleaner, noisy), cleaner.frameSamples) < before * SEAM, 'no bend where frames meet');
    },
  },
  {
    id: 'observe-readies',
    title: 'What it observed while nobody spoke makes it ready at once.',
    tier: 'gold',
    async run(subject, life) {
      const { cleaner } = await arrange(subject, life);
      const stream = cleaner.open();
      if (!stream.observe) return;
      const noise = scaled(pinkNoise(64_000, seededRandom(10)), 0.1);
      const size = cleaner.frameSamples;
      for (let at = 0; at + size <= 48_000; at += size) stream.observe(noise.slice(at, at + size));
      const first = noise.subarray(48_000, 48_000 + cleaner.delaySamples + 6400);
      const left = rms(clean(cleaner, first, stream).subarray(cleaner.delaySamples));
      must(20 * Math.log10(rms(noise) / Math.max(left, 1e-12)) > REDUCTION_DB, 'less noise from the first frame on');
    },
  },
  {
    id: 'no-allocation',
    title: `A frame allocates nothing: memory is flat over ${FRAMES} frames, or 6 s of them.`,
    tier: 'platinum',
    async run(subject, life) {
      const { cleaner } = await arrange(subject, life);
      const stream = cleaner.open();
      const input = scaled(pinkNoise(cleaner.frameSamples, seededRandom(11)), 0.1);
      const output = new Float32Array(cleaner.frameSamples);
      const process = () => stream.process(input, output);
      for (let i = 0; i < 3000; i++) process();
      const startedAt = performance.now();
      let bytes = 0;
      for (let done = 0; done < FRAMES; done += PART_FRAMES) {
        if (done >= LEAST_FRAMES && performance.now() - startedAt > LONGEST_MS) break;
        bytes = Math.max(bytes, allocatedPerCall(PART_FRAMES, process));
        await new Promise(setImmediate);
      }
      must(bytes < FRAME_BYTES, `at most ${FRAME_BYTES} bytes a frame, not ${Math.round(bytes)}`);
    },
  },
  {
    id: 'streams-leave-nothing',
    title: `${OPENED} streams opened and closed leave no memory behind.`,
    tier: 'platinum',
    async run(subject, life) {
      const { cleaner } = await arrange(subject, life);
      const frame = new Float32Array(cleaner.frameSamples);
      const kept = await keptBy(OPENED, (count) => {
        for (let i = 0; i < count; i++) {
          const stream = cleaner.open();
          stream.process(frame, frame);
          stream.close();
        }
      });
      must(kept < KEPT_BYTES, `less than ${KEPT_BYTES} bytes more`);
    },
  },
  {
    id: 'cheap-enough',
    title: `One counter takes at most ${CORE_SHARE * 100} % of a core.`,
    tier: 'platinum',
    async run(subject, life) {
      const { cleaner, recording } = await arrange(subject, life);
      const pcm = recording.pcm.subarray(0, 320_000);
      clean(cleaner, pcm.subarray(0, 16_000));
      const before = process.cpuUsage();
      clean(cleaner, pcm);
      const { user, system } = process.cpuUsage(before);
      const audioUs = (pcm.length / cleaner.sampleRateHz) * 1_000_000;
      must(user + system < audioUs * CORE_SHARE, `at most ${CORE_SHARE * 100} % of a core`);
    },
  },
];

async function arrange(subject: CleanerSubject, life: Life): Promise<{ cleaner: Cleaner; recording: Recording }> {
  return { cleaner: await openCleaner(subject, life), recording: recordingOf(subject.recording) };
}

/** Noise within the speech before, less noise after, in dB. */
async function gainAt(subject: CleanerSubject, life: Life, snrDb: number): Promise<number> {
  const { cleaner, recording } = await arrange(subject, life);
  const noisy = withNoise(recording, snrDb);
  return noiseDb(noisy, recording) - noiseDb(aligned(cleaner, noisy), recording);
}
