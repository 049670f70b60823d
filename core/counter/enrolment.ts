import { BaltoError, CORE_SAMPLE_RATE_HZ, FRAME_SAMPLES } from '../contracts/index.ts';
import type { Effective } from '../routing/types.ts';
import type { SpeakerRunner } from '../runtime/speaker-runner.ts';
import type { Author } from '../store/config-versions.ts';
import type { ConsentBasis } from '../store/employees.ts';
import type { Employee } from '../store/employees-table.ts';
import type { NewVoice, Voices } from '../store/voices.ts';
import { speakerCandidates } from './voice-desk.ts';

export interface EnrolmentOptions {
  effective(clientId: string): Effective;
  runner: Pick<SpeakerRunner, 'embed'>;
  voices: Pick<Voices, 'enrol'>;
}

/** A recording of somebody's voice. */
export interface VoiceSample {
  clientId: string;
  of: NewVoice['of'];
  /** 16 kHz mono. */
  pcm: Int16Array;
  fileName: string | null;
  /** What the employee agreed to; absent: nobody said. */
  consent?: ConsentBasis | undefined;
}

/** Speech a voice is made from, at least: less knows a sentence, not a person. */
const LEAST_MS = 2000;
const ENROL_MS = 20_000;
/** Frames this much below the loud ones are pauses. */
const PAUSE_SHARE = 0.1;

/** Takes voices in: measures them by the client's first speaker provider that can, and keeps the vector alone. */
export class Enrolment {
  readonly #options: EnrolmentOptions;

  constructor(options: EnrolmentOptions) {
    this.#options = options;
  }

  /**
   * Keeps the voice of an employee in the place of the one there was. What nobody consented to waits to be confirmed,
   * unless the client declares how its employees consent. Null: nobody of the client has that id.
   * @throws BaltoError `BALTO_VOICE_TOO_SHORT` (400), field `audio`; `BALTO_VOICE_NO_PROVIDER` (503).
   */
  async enrol(sample: VoiceSample, by: Author): Promise<Employee | null> {
    const { clientId, of, fileName } = sample;
    const effective = this.#options.effective(clientId);
    const pcm = speechOf(sample.pcm);
    const speechMs = (pcm.length * 1000) / CORE_SAMPLE_RATE_HZ;
    if (speechMs < LEAST_MS) throw tooShort(speechMs);
    const candidates = speakerCandidates(effective.configured.speaker);
    const audio = { pcm, sampleRateHz: CORE_SAMPLE_RATE_HZ };
    const call = { ms: ENROL_MS, signal: AbortSignal.timeout(ENROL_MS), insist: true };
    const measured = await this.#options.runner.embed(candidates, audio, call);
    if (!measured) throw noProvider();
    const { vector, model } = measured;
    const consent = sample.consent ?? declared(effective);
    return this.#options.voices.enrol({ clientId, of, vector, model, speechMs, fileName, consent }, by);
  }
}

function declared({ voices: { consent } }: Effective): ConsentBasis | null {
  return consent ? { granted: true, ...consent } : null;
}

/** The frames that are loud enough, one after another: pauses say nothing of a voice. */
function speechOf(pcm: Int16Array): Int16Array {
  const frames = Math.floor(pcm.length / FRAME_SAMPLES);
  const levels = Float64Array.from({ length: frames }, (_, index) => rms(pcm, index * FRAME_SAMPLES));
  const loud = levels.toSorted()[Math.floor(frames * 0.9)] ?? 0;
  const speech = new Int16Array(pcm.length);
  let filled = 0;
  for (const [index, level] of levels.entries()) {
    if (level === 0 || level < loud * PAUSE_SHARE) continue;
    speech.set(pcm.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES), filled);
    filled += FRAME_SAMPLES;
  }
  return speech.slice(0, filled);
}

function rms(pcm: Int16Array, from: number): number {
  let sum = 0;
  for (let i = from; i < from + FRAME_SAMPLES; i++) sum += (pcm[i] as number) ** 2;
  return Math.sqrt(sum / FRAME_SAMPLES);
}

function tooShort(speechMs: number): BaltoError {
  const seconds = (ms: number) => (ms / 1000).toFixed(1).replace('.', ',');
  return new BaltoError({
    code: 'BALTO_VOICE_TOO_SHORT',
    field: 'audio',
    message: `Há ${seconds(speechMs)} s de fala no áudio; são precisos ${seconds(LEAST_MS)} s.`,
    statusCode: 400,
  });
}

function noProvider(): BaltoError {
  return new BaltoError({
    code: 'BALTO_VOICE_NO_PROVIDER',
    message: 'Nenhum provedor de vozes mediu o áudio agora; confira BALTO_SPEAKER ou tente de novo.',
    statusCode: 503,
  });
}
