import { type Check, type Life, must } from '../check.ts';
import { recordingOf, withNoise } from '../local/recording.ts';
import { pinkNoise, scaled, seededRandom } from '../local/signals.ts';
import { hear } from './hear.ts';
import { decide, median, type Score, score } from './score.ts';
import { capabilitiesOf, openVad, type VadSubject } from './subject.ts';

/** Clean speech: what the worst detector that ships reaches, less a few hundredths. */
const CLEAN = 0.9;
const NOISY = 0.85;
const NOISE_DB = 5;
/** −12 dB: a customer a step further away. */
const QUIET_GAIN = 0.25;
const QUIET_RECALL = 0.75;
const ONSET_MS = 150;
const OFFSET_MS = 350;
const FALSE_SHARE = 0.05;

/** How well it hears, on the recording the subject brought. */
export const qualityChecks: readonly Check<VadSubject>[] = [
  {
    id: 'recall-clean',
    title: `At least ${CLEAN * 100} % of the labelled speech is heard.`,
    tier: 'bronze',
    run: async (subject, life) => reached('recall', (await scoreOf(subject, life, 'clean')).recall, CLEAN),
  },
  {
    id: 'precision-clean',
    title: `At least ${CLEAN * 100} % of what is called speech is speech.`,
    tier: 'silver',
    run: async (subject, life) => reached('precision', (await scoreOf(subject, life, 'clean')).precision, CLEAN),
  },
  {
    id: 'recall-noisy',
    title: `With steady noise ${NOISE_DB} dB below the speech, at least ${NOISY * 100} % of it is heard.`,
    tier: 'gold',
    run: async (subject, life) => reached('recall', (await scoreOf(subject, life, 'noisy')).recall, NOISY),
  },
  {
    id: 'precision-noisy',
    title: `With steady noise ${NOISE_DB} dB below the speech, at least ${NOISY * 100} % of what is called speech is.`,
    tier: 'gold',
    exempt: needsQuiet,
    run: async (subject, life) => reached('precision', (await scoreOf(subject, life, 'noisy')).precision, NOISY),
  },
  {
    id: 'noise-is-no-speech',
    title: `Steady noise alone is called speech in less than ${FALSE_SHARE * 100} % of its frames.`,
    tier: 'gold',
    exempt: needsQuiet,
    async run(subject, life) {
      const noise = scaled(pinkNoise(96_000, seededRandom(8)), 0.2);
      const heard = await hear(await openVad(subject, life), noise, subject);
      const called = decide(heard, capabilitiesOf(subject).thresholds).filter(Boolean).length;
      must(called < heard.probabilities.length * FALSE_SHARE, 'no speech in noise');
    },
  },
  {
    id: 'onset-prompt',
    title: `Half of the utterances are noticed within ${ONSET_MS} ms.`,
    tier: 'gold',
    run: async (subject, life) =>
      must(median((await scoreOf(subject, life, 'clean')).onsetMs) <= ONSET_MS, `onset within ${ONSET_MS} ms`),
  },
  {
    id: 'offset-prompt',
    title: `Half of the pauses are noticed within ${OFFSET_MS} ms.`,
    tier: 'gold',
    run: async (subject, life) =>
      must(median((await scoreOf(subject, life, 'clean')).offsetMs) <= OFFSET_MS, `end within ${OFFSET_MS} ms`),
  },
  {
    id: 'recall-quiet',
    title: `Speech 12 dB quieter: at least ${QUIET_RECALL * 100} % of it is heard.`,
    tier: 'gold',
    run: async (subject, life) => reached('recall', (await scoreOf(subject, life, 'quiet')).recall, QUIET_RECALL),
  },
];

function needsQuiet(subject: VadSubject): string | null {
  return capabilitiesOf(subject).robustToNoise ? null : 'it says it needs a gate or a cleaner before it';
}

/** A listener's score on the whole recording. */
async function scoreOf(subject: VadSubject, life: Life, how: 'clean' | 'noisy' | 'quiet'): Promise<Score> {
  const recording = recordingOf(subject.recording);
  const vad = await openVad(subject, life);
  const heardAs = {
    clean: () => recording.pcm,
    noisy: () => withNoise(recording, NOISE_DB),
    quiet: () => scaled(recording.pcm, QUIET_GAIN),
  };
  const heard = await hear(vad, heardAs[how](), subject);
  return score(vad, decide(heard, capabilitiesOf(subject).thresholds), recording.spans);
}

function reached(what: string, value: number, least: number): void {
  must(value >= least, `${what} of at least ${least}: it is ${value.toFixed(3)}`);
}
