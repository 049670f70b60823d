/** Pitch is sought at 4 kHz: a voice's fundamental and first harmonics are below 2 kHz, at a sixteenth of the cost. */
const DECIMATION = 4;
const RATE_HZ = 16_000 / DECIMATION;
/** 40 ms. */
const WINDOW = 160;
/** 60 to 400 Hz. */
const SHORTEST = RATE_HZ / 400;
const LONGEST = Math.floor(RATE_HZ / 60);
/** Correlation from which a frame counts as voiced. */
const VOICED = 0.5;
/** A longer period must be clearly better: else its half is the pitch. */
const NEARLY = 0.9;

/** Samples at 16 kHz that one measure looks at. */
export const TONE_SAMPLES = (WINDOW + LONGEST) * DECIMATION;

/** Pitch by normalised autocorrelation. */
export class Tone {
  readonly #x = new Float64Array(WINDOW + LONGEST);
  readonly #correlation = new Float64Array(LONGEST + 1);

  /** Hz of the frame that begins at `from`; 0: it is not voiced, or the clip ends first. */
  measure(pcm: Int16Array, from: number): number {
    if (from + TONE_SAMPLES > pcm.length) return 0;
    const x = this.#x;
    for (let i = 0; i < x.length; i++) {
      const at = from + i * DECIMATION;
      // The mean of four neighbours is low-pass enough for what is sought.
      x[i] = (pcm[at] as number) + (pcm[at + 1] as number) + (pcm[at + 2] as number) + (pcm[at + 3] as number);
    }
    const best = this.#correlate();
    return best < VOICED ? 0 : RATE_HZ / this.#firstPeak(best * NEARLY);
  }

  #correlate(): number {
    const x = this.#x;
    let energy = 1e-9;
    for (let n = 0; n < WINDOW; n++) energy += (x[n] as number) ** 2;
    let shifted = energy;
    let best = 0;
    for (let lag = 1; lag <= LONGEST; lag++) {
      shifted += (x[WINDOW + lag - 1] as number) ** 2 - (x[lag - 1] as number) ** 2;
      if (lag < SHORTEST - 1) continue;
      let sum = 0;
      for (let n = 0; n < WINDOW; n++) sum += (x[n] as number) * (x[n + lag] as number);
      const value = sum / Math.sqrt(energy * Math.max(shifted, 1e-9));
      this.#correlation[lag] = value;
      if (lag >= SHORTEST) best = Math.max(best, value);
    }
    return best;
  }

  #firstPeak(least: number): number {
    const c = this.#correlation;
    for (let lag = SHORTEST; lag < LONGEST; lag++) {
      const here = c[lag] as number;
      const before = c[lag - 1] as number;
      const after = c[lag + 1] as number;
      if (here < least || here < before || here < after) continue;
      const bend = before - 2 * here + after;
      return bend === 0 ? lag : lag + (0.5 * (before - after)) / bend;
    }
    return LONGEST;
  }
}
