/** How a recording sounds, told while it is made. */
export interface Levels {
  /** dBFS, ten a second. */
  readings: readonly number[];
}

export type Quality = 'good' | 'short' | 'quiet' | 'clipped' | 'noisy';

/** Of speech, in seconds: what a voice is measured from with some room to spare. */
export const LEAST_SPEECH_S = 8;
/** Readings a second. */
export const READINGS_HZ = 10;
/** Above the quietest tenth of the recording by so much: somebody speaks. */
const SPEECH_ABOVE_DB = 10;
const QUIET_DB = -42;
const CLIPPED_DB = -4;
const LEAST_SNR_DB = 12;

/** Seconds in which somebody spoke: well above the recording's own floor. */
export function speechSeconds({ readings }: Levels): number {
  return spoken(readings).length / READINGS_HZ;
}

/** What is wrong with it, the worst first. */
export function qualityOf({ readings }: Levels): Quality {
  const loud = spoken(readings);
  const floor = quantile(readings, 0.1);
  const level = quantile(loud, 0.5);
  if (quantile(loud, 0.95) > CLIPPED_DB) return 'clipped';
  if (readings.length > 0 && quantile(readings, 0.9) < QUIET_DB) return 'quiet';
  if (loud.length / READINGS_HZ < LEAST_SPEECH_S) return 'short';
  return level - floor < LEAST_SNR_DB ? 'noisy' : 'good';
}

function spoken(readings: readonly number[]): number[] {
  // Where nobody pauses there is no floor: then what is loud is speech.
  const floor = Math.min(quantile(readings, 0.1), -45);
  return readings.filter((db) => db > Math.max(floor + SPEECH_ABOVE_DB, -50));
}

function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return -96;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? -96;
}
