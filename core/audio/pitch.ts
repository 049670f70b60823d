import { FRAME_SAMPLES } from '../contracts/index.ts';

/** Pitch is sought at 4 kHz: the fundamental and its first harmonics are all below 2 kHz, and it costs a sixteenth. */
const DECIMATION = 4;
const RATE_HZ = 16_000 / DECIMATION;
/** 50 to 400 Hz; the longest is a multiple of the four lags that are measured together. */
const MAX_LAG = RATE_HZ / 50;
const MIN_LAG = RATE_HZ / 400;
/** 40 ms are compared with as much audio one period earlier. */
const WINDOW = 160;
/** Samples of one frame after decimation. */
const DECIMATED = FRAME_SAMPLES / DECIMATION;
const HISTORY = WINDOW + MAX_LAG;
/** Low-pass before decimation: Hann-windowed sinc at 1.8 kHz, 24 taps. */
const TAPS = 24;
/** Correlation from which a window counts as voiced: white noise reaches 0.3, speech at 5 dB SNR 0.6 to 0.8. */
export const VOICED_STRENGTH = 0.5;

const FILTER = designFilter();

/** Normalised autocorrelation on a running signal. `hz` and `strength` hold the result of the last `measure`. */
export class PitchTracker {
  /** Hz; 0 when the last window was not voiced. */
  hz = 0;
  /** Highest correlation over the lags of a voice, 0 to 1. */
  strength = 0;
  /** Highest correlation at lags shorter than a voice's period (400 Hz to 1.3 kHz): near 1 for a whistle or a beep. */
  shortStrength = 0;
  /** The filter's memory, then the frame. */
  readonly #input = new Float64Array(TAPS + FRAME_SAMPLES);
  readonly #history = new Float64Array(HISTORY);
  readonly #correlation = new Float64Array(MAX_LAG + 2);

  /** Takes in one 30 ms frame; scale does not matter. */
  push(pcm: Int16Array): void {
    const input = this.#input;
    for (let i = 0; i < FRAME_SAMPLES; i++) input[TAPS + i] = pcm[i] as number;
    this.#history.copyWithin(0, DECIMATED);
    for (let m = 0; m < DECIMATED; m++) {
      const from = (m + 1) * DECIMATION;
      let sum = 0;
      for (let t = 0; t < TAPS; t++) sum += (input[from + t] as number) * (FILTER[t] as number);
      this.#history[HISTORY - DECIMATED + m] = sum;
    }
    input.copyWithin(0, FRAME_SAMPLES);
  }

  /** Measures the last 40 ms. */
  measure(): void {
    const correlation = this.#correlation;
    this.#correlate();
    let best = 0;
    for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) best = Math.max(best, correlation[lag] as number);
    this.strength = best;
    this.shortStrength = this.#shortPeak();
    this.hz = best < VOICED_STRENGTH ? 0 : RATE_HZ / this.#firstPeak(best * 0.9);
  }

  reset(): void {
    this.#input.fill(0);
    this.#history.fill(0);
    this.hz = 0;
    this.strength = 0;
    this.shortStrength = 0;
  }

  #correlate(): void {
    const x = this.#history;
    const from = HISTORY - WINDOW;
    let energy = 1e-9;
    for (let n = from; n < HISTORY; n++) energy += (x[n] as number) ** 2;
    // Four lags at a time: one sum alone waits for its own last addition, and takes three times as long.
    const sums = this.#correlation;
    for (let lag = 1; lag <= MAX_LAG; lag += 4) {
      let first = 0;
      let second = 0;
      let third = 0;
      let fourth = 0;
      for (let n = from, m = from - lag; n < HISTORY; n++, m++) {
        const here = x[n] as number;
        first += here * (x[m] as number);
        second += here * (x[m - 1] as number);
        third += here * (x[m - 2] as number);
        fourth += here * (x[m - 3] as number);
      }
      sums[lag] = first;
      sums[lag + 1] = second;
      sums[lag + 2] = third;
      sums[lag + 3] = fourth;
    }
    let lagged = energy;
    for (let lag = 1; lag <= MAX_LAG; lag++) {
      lagged += (x[from - lag] as number) ** 2 - (x[HISTORY - lag] as number) ** 2;
      sums[lag] = (sums[lag] as number) / Math.sqrt(energy * Math.max(lagged, 1e-9));
    }
  }

  /** The shortest lag whose peak is nearly the best: longer ones are its multiples. Interpolated between samples. */
  #firstPeak(least: number): number {
    const c = this.#correlation;
    for (let lag = MIN_LAG; lag < MAX_LAG; lag++) {
      const here = c[lag] as number;
      const before = c[lag - 1] as number;
      const after = c[lag + 1] as number;
      if (here >= least && here >= before && here >= after) {
        const bend = before - 2 * here + after;
        return bend === 0 ? lag : lag + (0.5 * (before - after)) / bend;
      }
    }
    return MAX_LAG;
  }

  #shortPeak(): number {
    const c = this.#correlation;
    let lag = 1;
    while (lag < MIN_LAG && (c[lag + 1] as number) < (c[lag] as number)) lag += 1;
    let best = 0;
    for (; lag < MIN_LAG; lag++) best = Math.max(best, c[lag] as number);
    return best;
  }
}

function designFilter(): Float64Array {
  const cutoff = 1800 / 16_000;
  const taps = Float64Array.from({ length: TAPS }, (_, i) => {
    const t = i - (TAPS - 1) / 2;
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / TAPS);
    return (Math.sin(2 * Math.PI * cutoff * t) / (Math.PI * t)) * hann;
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}
