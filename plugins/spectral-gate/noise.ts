/**
 * Noise power per band by minimum statistics (R. Martin, 2001, reduced): speech leaves every band now and then, so the
 * least smoothed power of the last 1.5 s is noise. The minimum lies below the mean, hence {@link BIAS}.
 */
export class NoiseEstimate {
  /** Power per band. */
  readonly power: Float64Array;
  readonly #smoothed: Float64Array;
  /** Minimum of each sub-window, [SUB_WINDOWS][bands], and of the one that runs. */
  readonly #minima: Float64Array;
  readonly #current: Float64Array;
  readonly #bands: number;
  #hops = 0;
  #subWindow = 0;
  #started = false;

  constructor(bands: number) {
    this.#bands = bands;
    this.power = new Float64Array(bands);
    this.#smoothed = new Float64Array(bands);
    this.#minima = new Float64Array(bands * SUB_WINDOWS);
    this.#current = new Float64Array(bands);
  }

  /** One hop (8 ms) of a signal that may hold speech. */
  track(power: Float64Array): void {
    if (!this.#started) this.#start(power);
    for (let k = 0; k < this.#bands; k++) {
      const smoothed = SMOOTHING * (this.#smoothed[k] as number) + (1 - SMOOTHING) * (power[k] as number);
      this.#smoothed[k] = smoothed;
      if (smoothed < (this.#current[k] as number)) this.#current[k] = smoothed;
    }
    this.#hops += 1;
    if (this.#hops === HOPS_PER_SUB_WINDOW) this.#turn();
  }

  /** One window of a signal known to hold no speech: the mean itself, no minimum needed. */
  learn(power: Float64Array): void {
    if (!this.#started) this.#start(power);
    for (let k = 0; k < this.#bands; k++) {
      const learned = (this.power[k] as number) + LEARNING * ((power[k] as number) - (this.power[k] as number));
      this.power[k] = learned;
      const minimum = learned / BIAS;
      this.#smoothed[k] = minimum;
      this.#current[k] = minimum;
      for (let w = 0; w < SUB_WINDOWS; w++) this.#minima[w * this.#bands + k] = minimum;
    }
  }

  reset(): void {
    this.#started = false;
    this.#hops = 0;
  }

  #start(power: Float64Array): void {
    this.#started = true;
    for (let k = 0; k < this.#bands; k++) {
      const first = power[k] as number;
      this.power[k] = first;
      this.#smoothed[k] = first;
      this.#current[k] = first;
      for (let w = 0; w < SUB_WINDOWS; w++) this.#minima[w * this.#bands + k] = first;
    }
  }

  #turn(): void {
    this.#hops = 0;
    const bands = this.#bands;
    for (let k = 0; k < bands; k++) {
      this.#minima[this.#subWindow * bands + k] = this.#current[k] as number;
      let least = Number.POSITIVE_INFINITY;
      for (let w = 0; w < SUB_WINDOWS; w++) least = Math.min(least, this.#minima[w * bands + k] as number);
      this.power[k] = least * BIAS;
      this.#current[k] = this.#smoothed[k] as number;
    }
    this.#subWindow = (this.#subWindow + 1) % SUB_WINDOWS;
  }
}

const SMOOTHING = 0.85;
/** Mean over minimum. 2.5 was best on pink and white noise: less leaves noise, more costs speech at 15 dB SNR. */
const BIAS = 2.5;
const LEARNING = 0.2;
const SUB_WINDOWS = 6;
/** 32 hops of 8 ms: 6 sub-windows cover 1.5 s. */
const HOPS_PER_SUB_WINDOW = 32;
