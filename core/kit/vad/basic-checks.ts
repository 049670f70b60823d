import { CORE_SAMPLE_RATE_HZ } from '../../contracts/index.ts';
import { type Check, must } from '../check.ts';
import { pinkNoise, scaled, seededRandom } from '../local/signals.ts';
import { hear } from './hear.ts';
import { decide } from './score.ts';
import { capabilitiesOf, openVad, sample, type VadSubject } from './subject.ts';

const LONGEST_FRAME_MS = 64;

/** The least a detector must do. */
export const basicChecks: readonly Check<VadSubject>[] = [
  {
    id: 'frame-shape',
    title: 'It takes frames of at most 64 ms at the rate of the core.',
    tier: 'bronze',
    async run(subject, life) {
      const { sampleRateHz, frameSamples } = await openVad(subject, life);
      must(sampleRateHz === CORE_SAMPLE_RATE_HZ, `${CORE_SAMPLE_RATE_HZ} Hz`);
      must(Number.isInteger(frameSamples) && frameSamples > 0, 'whole frames');
      must((frameSamples * 1000) / sampleRateHz <= LONGEST_FRAME_MS, `frames of at most ${LONGEST_FRAME_MS} ms`);
    },
  },
  {
    id: 'thresholds-ordered',
    title: 'Speech ends at a probability not above the one it starts at, both between 0 and 1.',
    tier: 'bronze',
    async run(subject) {
      const { on, off } = capabilitiesOf(subject).thresholds;
      must(off > 0 && off <= on && on <= 1, '0 < off ≤ on ≤ 1');
    },
  },
  {
    id: 'frames-answered',
    title: 'Each pushed frame gets exactly one result.',
    tier: 'bronze',
    async run(subject, life) {
      const { results, probabilities } = await hear(await openVad(subject, life), sample(subject).pcm, subject);
      must(new Set(results.map(({ seq }) => seq)).size === probabilities.length, 'a result for each frame');
      must(results.length === probabilities.length, 'one result for each frame');
    },
  },
  {
    id: 'results-in-order',
    title: 'Results come in the order of their frames.',
    tier: 'bronze',
    async run(subject, life) {
      const { results } = await hear(await openVad(subject, life), sample(subject).pcm, subject);
      must(results.length > 0, 'results');
      must(
        results.every(({ seq }, i) => i === 0 || seq >= (results[i - 1]?.seq ?? 0)),
        'results in order',
      );
    },
  },
  {
    id: 'seq-is-the-callers',
    title: 'A result carries the number its frame was pushed with, whatever that is.',
    tier: 'bronze',
    async run(subject, life) {
      const { pcm } = sample(subject);
      const { results } = await hear(await openVad(subject, life), pcm, { quietMs: subject.quietMs, firstSeq: 70_000 });
      must(results.length > 0, 'results');
      must(
        results.every(({ seq }) => seq >= 70_000),
        'the numbers that were pushed',
      );
    },
  },
  {
    id: 'probability-in-range',
    title: 'A probability lies between 0 and 1.',
    tier: 'bronze',
    async run(subject, life) {
      const { results } = await hear(await openVad(subject, life), sample(subject).pcm, subject);
      must(results.length > 0, 'results');
      must(
        results.every(({ probability }) => probability >= 0 && probability <= 1),
        'probabilities from 0 to 1',
      );
    },
  },
  {
    id: 'silence-is-silence',
    title: 'Digital silence and a room at −80 dB are no speech.',
    tier: 'bronze',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const { thresholds } = capabilitiesOf(subject);
      const room = scaled(pinkNoise(32_000, seededRandom(5)), 0.0001);
      for (const pcm of [new Float32Array(32_000), room]) {
        must(!decide(await hear(vad, pcm, subject), thresholds).includes(true), 'no speech in silence');
      }
    },
  },
  {
    id: 'full-scale-survived',
    title: 'Clipped audio gives probabilities like any other.',
    tier: 'silver',
    async run(subject, life) {
      const clipped = sample(subject).pcm.map((value) => Math.max(-1, Math.min(1, value * 1000)));
      const { results } = await hear(await openVad(subject, life), clipped, subject);
      must(results.length > 0 && results.every(({ probability }) => Number.isFinite(probability)), 'finite numbers');
    },
  },
];
