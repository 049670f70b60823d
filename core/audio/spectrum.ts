import FFT from 'fft.js';
import { FRAME_SAMPLES } from '../contracts/index.ts';

const SIZE = 512;
/** Hz per bin at 16 kHz. */
const BIN_HZ = 16_000 / SIZE;
const HALF = SIZE / 2;
const WINDOW = Float64Array.from(
  { length: FRAME_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / FRAME_SAMPLES),
);

/** First bin at 250 Hz and at 4 kHz. */
const LOW_BINS = 250 / BIN_HZ;
const MID_BINS = 4000 / BIN_HZ;

/** Where the power of one frame lies. */
export interface SpectralShape {
  low: number;
  mid: number;
  high: number;
  /** Hz. */
  centroid: number;
}

/** Power spectrum of one 30 ms frame (Hann window, 512 points, bins of 31.25 Hz). One object is reused for all frames. */
export class Spectrum {
  /** Power per bin from 0 to 8 kHz, relative only. */
  readonly power = new Float64Array(HALF + 1);
  readonly #fft = new FFT(SIZE);
  readonly #input = new Float64Array(SIZE);
  readonly #output = new Float64Array(SIZE * 2);

  analyse(pcm: Int16Array): void {
    let mean = 0;
    for (let i = 0; i < FRAME_SAMPLES; i++) mean += pcm[i] as number;
    mean /= FRAME_SAMPLES;
    // A DC offset would spill into the lowest bins.
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      this.#input[i] = (((pcm[i] as number) - mean) / 32768) * (WINDOW[i] as number);
    }
    this.#fft.realTransform(this.#output, this.#input);
    for (let k = 0; k <= HALF; k++) {
      const re = this.#output[2 * k] as number;
      const im = this.#output[2 * k + 1] as number;
      this.power[k] = re * re + im * im;
    }
  }

  /** Sum of power from `fromHz` (included) to `toHz` (excluded). The bin at 0 Hz counts nowhere. */
  band(fromHz: number, toHz: number): number {
    let sum = 0;
    const last = Math.min(HALF, Math.ceil(toHz / BIN_HZ) - 1);
    for (let k = Math.max(1, Math.ceil(fromHz / BIN_HZ)); k <= last; k++) sum += this.power[k] as number;
    return sum;
  }

  /** Power up to 250 Hz, up to 4 kHz and above into `shape`, and the centre of gravity in Hz (0 for silence). */
  measure(shape: SpectralShape): void {
    const { power } = this;
    let low = 0;
    let mid = 0;
    let high = 0;
    let weighted = 0;
    for (let k = 1; k <= HALF; k++) {
      const value = power[k] as number;
      weighted += k * value;
      if (k < LOW_BINS) low += value;
      else if (k < MID_BINS) mid += value;
      else high += value;
    }
    const sum = low + mid + high;
    shape.low = low;
    shape.mid = mid;
    shape.high = high;
    shape.centroid = sum < 1e-9 ? 0 : (weighted / sum) * BIN_HZ;
  }

  /** Share of the whole power within two bins of the strongest: 1 for a pure tone. */
  concentration(): number {
    let peak = 1;
    let sum = 1e-12;
    for (let k = 1; k <= HALF; k++) {
      sum += this.power[k] as number;
      if ((this.power[k] as number) > (this.power[peak] as number)) peak = k;
    }
    let near = 0;
    for (let k = Math.max(1, peak - 2); k <= Math.min(HALF, peak + 2); k++) near += this.power[k] as number;
    return near / sum;
  }
}
