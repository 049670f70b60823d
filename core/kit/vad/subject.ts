import type { Vad, VadCapabilities } from '../../contracts/index.ts';
import type { Life } from '../check.ts';
import { type LabelledAudio, type Recording, recordingOf } from '../local/recording.ts';
import { type LocalSubject, openLocal } from '../local/world.ts';

/** What `proveVad` proves: a detector, and speech whose place is known. */
export interface VadSubject extends LocalSubject<'vad'> {
  recording: LabelledAudio;
  /** Silence after which a result that has not come is taken for lost, in ms. Default 1000. */
  quietMs?: number;
}

export function openVad(subject: VadSubject, life: Life): Promise<Vad> {
  return openLocal(subject, life);
}

export function capabilitiesOf({ provider, settings }: VadSubject): VadCapabilities {
  const { capabilities } = provider;
  return typeof capabilities === 'function' ? capabilities(settings ?? {}) : capabilities;
}

/** The start of the recording up to the end of its first speech, and a second more: enough where quality is not asked. */
export function sample(subject: VadSubject): { recording: Recording; pcm: Float32Array } {
  const recording = recordingOf(subject.recording);
  const [, end] = recording.spans[0] as readonly [number, number];
  return { recording, pcm: recording.pcm.subarray(0, Math.min(end + 16_000, 96_000)) };
}
