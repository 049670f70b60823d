import { type Audio, CORE_SAMPLE_RATE_HZ } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { mixAtSnr, pinkNoise, seededRandom, toFloat } from './signals.ts';

/** Recorded speech, and where in it somebody speaks. At least 5 s of it, 16 kHz; pauses of a second and more help. */
export interface LabelledAudio {
  audio: Audio;
  /** In order, without overlap; a pause shorter than 0.3 s is part of the speech. */
  speech: readonly { startMs: number; endMs: number }[];
}

/** The same in ±1, with the labels in samples. */
export interface Recording {
  pcm: Float32Array;
  spans: readonly (readonly [from: number, to: number])[];
  /** Root mean square over the labelled speech. */
  speechRms: number;
}

const NOISE_SEED = 20;
const PER_MS = CORE_SAMPLE_RATE_HZ / 1000;

const read = new WeakMap<LabelledAudio, Recording>();
const noisy = new WeakMap<Recording, Map<number, Float32Array>>();

/** Reads what the subject brought, once; throws KitFailure where the kit could prove nothing with it. */
export function recordingOf(labelled: LabelledAudio): Recording {
  const known = read.get(labelled) ?? readRecording(labelled);
  read.set(labelled, known);
  return known;
}

function readRecording({ audio, speech }: LabelledAudio): Recording {
  must(audio.sampleRateHz === CORE_SAMPLE_RATE_HZ, `a recording at ${CORE_SAMPLE_RATE_HZ} Hz`);
  must(audio.pcm.length >= 5 * CORE_SAMPLE_RATE_HZ, 'a recording of at least 5 s');
  must(speech.length > 0, 'a recording with labelled speech');
  const pcm = toFloat(audio.pcm);
  const spans = speech.map(({ startMs, endMs }) => [startMs * PER_MS, endMs * PER_MS] as const);
  let sum = 0;
  let samples = 0;
  for (const [from, to] of spans) {
    for (let i = Math.floor(from); i < Math.min(to, pcm.length); i++, samples++) sum += (pcm[i] as number) ** 2;
  }
  must(sum > 0, 'a recording whose labels hold sound');
  return { pcm, spans, speechRms: Math.sqrt(sum / samples) };
}

/** The same with pink noise of the same seed at every run, `snrDb` below the speech. */
export function withNoise(recording: Recording, snrDb: number): Float32Array {
  const mixes = noisy.get(recording) ?? new Map<number, Float32Array>();
  noisy.set(recording, mixes);
  const known = mixes.get(snrDb);
  if (known) return known;
  const noise = pinkNoise(recording.pcm.length, seededRandom(NOISE_SEED));
  const mixed = mixAtSnr(recording.pcm, noise, snrDb, recording.speechRms);
  mixes.set(snrDb, mixed);
  return mixed;
}
