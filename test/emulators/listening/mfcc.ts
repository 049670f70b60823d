import FFT from 'fft.js';

const RATE_HZ = 16_000;
const FFT_SIZE = 512;
/** 25 ms windows every 15 ms. */
const WINDOW_SAMPLES = 400;
const HOP_SAMPLES = 240;
export const HOP_MS = 15;
const BANDS = 26;
const LOWEST_HZ = 80;
const HIGHEST_HZ = 7000;
/** Cepstral coefficients per frame, c0 included. */
export const COEFFICIENTS = 13;
/** Numbers per frame with deltas. */
export const DIMENSIONS = COEFFICIENTS * 2;

/** One analysed frame. */
export interface Frame {
  cepstrum: Float32Array;
  /** Mean power in dB against one int16 unit. */
  levelDb: number;
}

/**
 * Mel-frequency cepstra of 16 kHz audio (Davis & Mermelstein 1980: Hamming window, 26 mel bands from 80 to 7000 Hz, log,
 * DCT-II), frame by frame over pushes of any size.
 */
export class MfccStream {
  readonly #fft = new FFT(FFT_SIZE);
  readonly #window = Float32Array.from(
    { length: WINDOW_SAMPLES },
    (_, index) => 0.54 - 0.46 * Math.cos((2 * Math.PI * index) / (WINDOW_SAMPLES - 1)),
  );
  readonly #samples = new Float32Array(WINDOW_SAMPLES);
  readonly #block = new Float32Array(FFT_SIZE);
  readonly #spectrum = new Float32Array(FFT_SIZE * 2);
  #filled = 0;

  /** Calls `onFrame` for every frame that `pcm` completes. */
  push(pcm: Int16Array, onFrame: (frame: Frame) => void): void {
    for (let at = 0; at < pcm.length; ) {
      const count = Math.min(pcm.length - at, WINDOW_SAMPLES - this.#filled);
      for (let index = 0; index < count; index++) this.#samples[this.#filled + index] = pcm[at + index]!;
      this.#filled += count;
      at += count;
      if (this.#filled < WINDOW_SAMPLES) return;
      onFrame(this.#analyse());
      this.#samples.copyWithin(0, HOP_SAMPLES);
      this.#filled = WINDOW_SAMPLES - HOP_SAMPLES;
    }
  }

  #analyse(): Frame {
    let power = 0;
    this.#block.fill(0);
    for (let index = 0; index < WINDOW_SAMPLES; index++) {
      const sample = this.#samples[index]!;
      const before = index === 0 ? sample : this.#samples[index - 1]!;
      power += sample * sample;
      this.#block[index] = (sample - 0.97 * before) * this.#window[index]!;
    }
    this.#fft.realTransform(this.#spectrum, this.#block);
    return { cepstrum: cepstrumOf(this.#spectrum), levelDb: 10 * Math.log10(power / WINDOW_SAMPLES + 1e-3) };
  }
}

const MEL_FILTERS = melFilters();
const COSINES = Float32Array.from({ length: COEFFICIENTS * BANDS }, (_, index) => {
  const order = Math.floor(index / BANDS);
  return Math.cos((Math.PI * order * ((index % BANDS) + 0.5)) / BANDS) / Math.sqrt(BANDS);
});

function cepstrumOf(spectrum: Float32Array): Float32Array {
  const logs = MEL_FILTERS.map(({ first, weights }) => {
    let energy = 0;
    for (const [index, weight] of weights.entries()) {
      const bin = (first + index) * 2;
      energy += weight * (spectrum[bin]! ** 2 + spectrum[bin + 1]! ** 2);
    }
    return Math.log(energy + 1000);
  });
  const cepstrum = new Float32Array(COEFFICIENTS);
  for (let order = 0; order < COEFFICIENTS; order++) {
    let sum = 0;
    for (let band = 0; band < BANDS; band++) sum += logs[band]! * COSINES[order * BANDS + band]!;
    cepstrum[order] = sum;
  }
  return cepstrum;
}

function melFilters(): { first: number; weights: number[] }[] {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const hz = (value: number) => 700 * (10 ** (value / 2595) - 1);
  const edges = Array.from({ length: BANDS + 2 }, (_, index) =>
    hz(mel(LOWEST_HZ) + ((mel(HIGHEST_HZ) - mel(LOWEST_HZ)) * index) / (BANDS + 1)),
  );
  return Array.from({ length: BANDS }, (_, band) => {
    const [low, middle, high] = [edges[band]!, edges[band + 1]!, edges[band + 2]!];
    const first = Math.ceil((low * FFT_SIZE) / RATE_HZ);
    const last = Math.floor((high * FFT_SIZE) / RATE_HZ);
    const weights = Array.from({ length: last - first + 1 }, (_, index) => {
      const at = ((first + index) * RATE_HZ) / FFT_SIZE;
      return Math.max(0, at < middle ? (at - low) / (middle - low) : (high - at) / (high - middle));
    });
    return { first, weights };
  });
}
