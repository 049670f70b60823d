import type { VadSettings } from './settings.ts';

/** Where the noise floor starts, as RMS in int16 units: the original's value (protocol.md §1.1). */
const INITIAL_NOISE = 100;

/**
 * The adaptive energy gate. It only says whether a frame is loud; it opens the VAD and never filters single frames,
 * which would break a recurrent one. Energy is the RMS of a 30 ms frame in int16 units.
 */
export class EnergyGate {
  #noise: number;

  constructor(noise = INITIAL_NOISE) {
    this.#noise = noise;
  }

  /** Noise floor. */
  get noise(): number {
    return this.#noise;
  }

  threshold(settings: VadSettings): number {
    return Math.max(this.#noise * settings.thresholdMultiplier, settings.minEnergy);
  }

  loud(rms: number, settings: VadSettings): boolean {
    return rms > this.threshold(settings);
  }

  /** Moves the floor by `alpha` towards a frame; not to be called while an utterance is open. */
  adapt(rms: number, settings: VadSettings): void {
    this.#noise += settings.alpha * (rms - this.#noise);
  }
}

/** RMS of the first `count` samples, in int16 units. */
export function frameRms(pcm: Int16Array, count: number): number {
  if (count === 0) return 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = pcm[i] as number;
    sum += value * value;
  }
  return Math.sqrt(sum / count);
}
