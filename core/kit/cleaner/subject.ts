import type { Cleaner, CleanerStream } from '../../contracts/index.ts';
import type { Life } from '../check.ts';
import type { LabelledAudio } from '../local/recording.ts';
import { type LocalSubject, openLocal } from '../local/world.ts';

/** What `proveCleaner` proves: a cleaner, and speech whose place is known, with little noise of its own. */
export interface CleanerSubject extends LocalSubject<'cleaner'> {
  recording: LabelledAudio;
}

export function openCleaner(subject: CleanerSubject, life: Life): Promise<Cleaner> {
  return openLocal(subject, life);
}

/** What a stream makes of the whole frames of `pcm`, each output a new array; the rest is cut off. */
export function clean(cleaner: Cleaner, pcm: Float32Array, stream: CleanerStream = cleaner.open()): Float32Array {
  const size = cleaner.frameSamples;
  const out = new Float32Array(pcm.length - (pcm.length % size));
  for (let at = 0; at < out.length; at += size) {
    stream.process(pcm.slice(at, at + size), out.subarray(at, at + size));
  }
  return out;
}

/** Cleans, and moves the output back by the delay that is stated: sample 0 out is sample 0 in. */
export function aligned(cleaner: Cleaner, pcm: Float32Array): Float32Array {
  return clean(cleaner, pcm).subarray(cleaner.delaySamples);
}
