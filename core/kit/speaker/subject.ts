import { type Audio, CORE_SAMPLE_RATE_HZ, type Speaker, type SpeakerCapabilities } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import { type LocalSubject, openLocal } from '../local/world.ts';

/** What `proveSpeaker` proves: a provider of voice vectors, and clips of people whose voices are known. */
export interface SpeakerSubject extends LocalSubject<'speaker'> {
  /** Two people or more, two clips of each or more, 16 kHz, at least 1.5 s long. */
  voices: readonly (readonly Audio[])[];
}

const LEAST_SAMPLES = 1.5 * CORE_SAMPLE_RATE_HZ;

export function openSpeaker(subject: SpeakerSubject, life: Life): Promise<Speaker> {
  return openLocal(subject, life);
}

export function capabilitiesOf({ provider, settings }: SpeakerSubject): SpeakerCapabilities {
  const { capabilities } = provider;
  return typeof capabilities === 'function' ? capabilities(settings ?? {}) : capabilities;
}

/** Throws KitFailure where the kit could prove nothing with the clips. */
export function voicesOf({ voices }: SpeakerSubject): SpeakerSubject['voices'] {
  must(voices.length >= 2, 'the voices of two people');
  for (const clips of voices) {
    must(clips.length >= 2, 'two clips of each');
    for (const { pcm, sampleRateHz } of clips) {
      must(sampleRateHz === CORE_SAMPLE_RATE_HZ, `clips at ${CORE_SAMPLE_RATE_HZ} Hz`);
      must(pcm.length >= LEAST_SAMPLES, 'clips of at least 1.5 s');
    }
  }
  return voices;
}

/** The first clip of the first person. */
export function clipOf(subject: SpeakerSubject): Audio {
  return voicesOf(subject)[0]?.[0] as Audio;
}

/** Cosine of the angle between two vectors: what the core compares voices by. */
export function likeness(a: Float32Array, b: Float32Array): number {
  let [product, left, right] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += (a[i] as number) * (b[i] as number);
    left += (a[i] as number) ** 2;
    right += (b[i] as number) ** 2;
  }
  return product / Math.sqrt(left * right);
}
