import type { PitchTracker } from './pitch.ts';
import type { Spectrum } from './spectrum.ts';

/** Voiced frames in a row, of steady pitch, that make a voice: noise hits by chance, one at a time. */
const STEADY_FRAMES = 3;
/** Frames for which such a run is remembered: 1 s. */
const MEMORY_FRAMES = 33;
/** A voice moves less than this from one frame to the next. */
const MAX_PITCH_STEP = 0.25;

/**
 * Second opinion for a VAD that beeps, printers, doors or hum fool: is somebody's voice in what it calls speech? Looks
 * for voiced frames (a pitch of 70–400 Hz) that are neither a whistle (as periodic at shorter lags, or one narrow line)
 * nor a thump (all below 200 Hz). Measured on the conversation and a minute each of four noises: 70 % of speech frames
 * pass a single look, 0 to 1.4 % of the noises'.
 */
export class VoiceCheck {
  readonly #pitch: PitchTracker;
  readonly #spectrum: Spectrum;
  #run = 0;
  #sinceRun = MEMORY_FRAMES;
  #lastHz = 0;

  constructor(pitch: PitchTracker, spectrum: Spectrum) {
    this.#pitch = pitch;
    this.#spectrum = spectrum;
  }

  /** Looks at one frame that the VAD called speech; true once a voice was heard, for a second. */
  hears(pcm: Int16Array): boolean {
    this.#pitch.push(pcm);
    this.#pitch.measure();
    this.#spectrum.analyse(pcm);
    const steady = Math.abs(this.#pitch.hz - this.#lastHz) < MAX_PITCH_STEP * this.#lastHz;
    const voiced = this.#voicedNow();
    this.#run = voiced ? (this.#run > 0 && steady ? this.#run + 1 : 1) : 0;
    this.#lastHz = this.#pitch.hz;
    this.#sinceRun = this.#run >= STEADY_FRAMES ? 0 : this.#sinceRun + 1;
    return this.#sinceRun < MEMORY_FRAMES;
  }

  reset(): void {
    this.#pitch.reset();
    this.#run = 0;
    this.#sinceRun = MEMORY_FRAMES;
    this.#lastHz = 0;
  }

  #voicedNow(): boolean {
    const { hz, strength, shortStrength } = this.#pitch;
    if (hz < 70 || strength < 0.6 || shortStrength > 0.85 * strength) return false;
    const whole = this.#spectrum.band(0, 8000) + 1e-12;
    const thump = this.#spectrum.band(0, 200) / whole;
    const vowel = this.#spectrum.band(200, 1000) / whole;
    return thump < 0.9 && vowel > 0.2 && this.#spectrum.concentration() < 0.9;
  }
}
