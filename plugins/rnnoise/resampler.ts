/** RNNoise hears 48 kHz, the core 16 kHz. */
export const RATIO = 3;

/**
 * Taps of the low pass both ways share, at 48 kHz. Symmetric, so each way lags by its half: 48 samples at 48 kHz, which
 * are {@link RESAMPLING_DELAY} ÷ 2 at 16 kHz.
 */
const TAPS = 97;
/** Samples at 16 kHz by which up and down together lag. */
export const RESAMPLING_DELAY = (TAPS - 1) / RATIO;
/** Samples at 16 kHz that the filter remembers. */
const MEMORY = (TAPS - 1) / RATIO;
/** Kaiser's β for 65 dB in the stop band (0.1102 (A − 8.7)). */
const BETA = 6.2;

/** Windowed sinc with its corner at 8 kHz, −6 dB there: flat to 7 kHz, 65 dB down from 9 kHz. Sums to 1. */
const LOW_PASS = lowPass();
/** The same by phase: `PHASES[p][k]` is tap 3k + p, times 3 for the zeros that lie between the samples. */
const PHASES = Array.from({ length: RATIO }, (_, phase) =>
  Float32Array.from(
    { length: Math.ceil((TAPS - phase) / RATIO) },
    (_, k) => RATIO * (LOW_PASS[RATIO * k + phase] ?? 0),
  ),
);

/** 16 to 48 kHz, in blocks of one length. Keeps its buffers: nothing is allocated per block. */
export class Upsampler {
  readonly #line: Float32Array;
  readonly #block: number;

  constructor(block: number) {
    this.#block = block;
    this.#line = new Float32Array(MEMORY + block);
  }

  /** Writes 3 samples, times `gain`, for each of the block's to `target` from `at` on. */
  process(input: Float32Array, target: Float32Array, at: number, gain: number): void {
    const line = this.#line;
    line.copyWithin(0, this.#block);
    for (let i = 0; i < this.#block; i++) line[MEMORY + i] = (input[i] as number) * gain;
    for (let phase = 0; phase < RATIO; phase++) {
      const taps = PHASES[phase] as Float32Array;
      for (let i = 0; i < this.#block; i++) {
        let sum = 0;
        for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * (line[MEMORY + i - k] as number);
        target[at + RATIO * i + phase] = sum;
      }
    }
  }

  reset(): void {
    this.#line.fill(0);
  }
}

/** 48 to 16 kHz, in blocks of one length (of the lower rate). Keeps its buffers: nothing is allocated per block. */
export class Downsampler {
  readonly #line: Float32Array;
  readonly #block: number;

  constructor(block: number) {
    this.#block = block;
    this.#line = new Float32Array(TAPS - 1 + block * RATIO);
  }

  /** Reads the block's 3 × samples from `source`, from `at` on, and writes one of each 3, times `gain`, to `output`. */
  process(source: Float32Array, at: number, output: Float32Array, gain: number): void {
    const line = this.#line;
    const length = this.#block * RATIO;
    line.copyWithin(0, length);
    for (let i = 0; i < length; i++) line[TAPS - 1 + i] = (source[at + i] as number) * gain;
    for (let i = 0; i < this.#block; i++) {
      let sum = 0;
      for (let k = 0; k < TAPS; k++) sum += (LOW_PASS[k] as number) * (line[RATIO * i + k] as number);
      output[i] = sum;
    }
  }

  reset(): void {
    this.#line.fill(0);
  }
}

function lowPass(): Float32Array {
  const middle = (TAPS - 1) / 2;
  const taps = Array.from({ length: TAPS }, (_, i) => {
    const x = (i - middle) / RATIO;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return sinc * bessel(BETA * Math.sqrt(1 - ((i - middle) / middle) ** 2));
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return Float32Array.from(taps, (tap) => tap / sum);
}

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-9; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
