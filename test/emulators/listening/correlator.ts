import FFT from 'fft.js';

/** The search runs at 4 kHz: a quarter of the rate. */
const DECIMATION = 4;
const BLOCK = 4096;
/** Longest query, in samples at 16 kHz. */
export const LONGEST_QUERY = 4096;
const STEP = BLOCK - LONGEST_QUERY / DECIMATION;

/** Where a piece of audio lies: `referenceSample` matches the query's first sample. */
export interface Correlated {
  referenceSample: number;
  /** Normalised cross-correlation, −1 to 1. */
  score: number;
}

/**
 * Finds audio that is not bit-identical (re-scaled, resampled, coded again) by normalised cross-correlation with the
 * whole reference: FFT in overlapping blocks at 4 kHz, then sample by sample around the best places.
 */
export class Correlator {
  readonly #reference: Int16Array;
  readonly #low: Float32Array;
  readonly #energy: Float64Array;
  readonly #fft = new FFT(BLOCK);
  readonly #spectra: Float32Array[] = [];

  constructor(reference: Int16Array) {
    this.#reference = reference;
    this.#low = decimate(reference);
    this.#energy = new Float64Array(this.#low.length + 1);
    this.#low.forEach((sample, index) => {
      this.#energy[index + 1] = this.#energy[index]! + sample * sample;
    });
    const block = new Float32Array(BLOCK);
    for (let start = 0; start < this.#low.length; start += STEP) {
      block.fill(0);
      block.set(this.#low.subarray(start, start + BLOCK));
      this.#spectra.push(this.#transform(block));
    }
  }

  /** The best place for `query` (at most 4096 samples) in the whole reference, or null when it has no energy. */
  find(query: Int16Array): Correlated | null {
    const low = decimate(query.subarray(0, LONGEST_QUERY));
    const energy = low.reduce((sum, sample) => sum + sample * sample, 0);
    if (energy < low.length) return null;
    const padded = new Float32Array(BLOCK);
    padded.set(low);
    const spectrum = this.#transform(padded);
    let best: Correlated | null = null;
    for (const place of this.#coarse(spectrum, low.length, energy)) {
      const fine = this.#refine(query, place * DECIMATION);
      if (!best || fine.score > best.score) best = fine;
    }
    return best;
  }

  /** The best three places at 4 kHz, at least 16 samples apart. */
  #coarse(query: Float32Array, length: number, energy: number): number[] {
    const product = new Float32Array(BLOCK * 2);
    const correlation = new Float32Array(BLOCK * 2);
    const best: { place: number; score: number }[] = [];
    this.#spectra.forEach((spectrum, index) => {
      multiplyConjugate(spectrum, query, product);
      this.#fft.inverseTransform(correlation, product);
      const start = index * STEP;
      const last = Math.min(STEP, this.#low.length - length - start);
      for (let lag = 0; lag < last; lag++) {
        const there = this.#energy[start + lag + length]! - this.#energy[start + lag]!;
        const score = correlation[lag * 2]! / Math.sqrt(energy * there + 1);
        if (score > 0.3) remember(best, start + lag, score);
      }
    });
    return best.map(({ place }) => place);
  }

  #refine(query: Int16Array, around: number): Correlated {
    let best: Correlated = { referenceSample: around, score: -1 };
    for (let place = Math.max(0, around - 6); place <= around + 6; place++) {
      const score = correlation(query, 0, this.#reference, place, query.length);
      if (score > best.score) best = { referenceSample: place, score };
    }
    return best;
  }

  #transform(block: Float32Array): Float32Array {
    const spectrum = new Float32Array(BLOCK * 2);
    this.#fft.realTransform(spectrum, block);
    this.#fft.completeSpectrum(spectrum);
    return spectrum;
  }
}

/** Normalised cross-correlation of `length` samples at two places; 0 where either ends or is silent. */
export function correlation(a: Int16Array, atA: number, b: Int16Array, atB: number, length: number): number {
  if (atA < 0 || atB < 0 || atA + length > a.length || atB + length > b.length) return 0;
  let both = 0;
  let energyA = 0;
  let energyB = 0;
  for (let index = 0; index < length; index++) {
    const sampleA = a[atA + index]!;
    const sampleB = b[atB + index]!;
    both += sampleA * sampleB;
    energyA += sampleA * sampleA;
    energyB += sampleB * sampleB;
  }
  return energyA === 0 || energyB === 0 ? 0 : both / Math.sqrt(energyA * energyB);
}

function remember(best: { place: number; score: number }[], place: number, score: number): void {
  const near = best.find((one) => Math.abs(one.place - place) < 16);
  if (near) {
    if (score > near.score) Object.assign(near, { place, score });
  } else if (best.length < 3) best.push({ place, score });
  else {
    const worst = best.reduce((low, one) => (one.score < low.score ? one : low));
    if (score > worst.score) Object.assign(worst, { place, score });
  }
}

/** Means of four samples. */
function decimate(audio: Int16Array): Float32Array {
  const low = new Float32Array(Math.floor(audio.length / DECIMATION));
  for (let index = 0; index < low.length; index++) {
    const at = index * DECIMATION;
    low[index] = (audio[at]! + audio[at + 1]! + audio[at + 2]! + audio[at + 3]!) / DECIMATION;
  }
  return low;
}

function multiplyConjugate(a: Float32Array, b: Float32Array, product: Float32Array): void {
  for (let index = 0; index < a.length; index += 2) {
    const realA = a[index]!;
    const imaginaryA = a[index + 1]!;
    const realB = b[index]!;
    const imaginaryB = b[index + 1]!;
    product[index] = realA * realB + imaginaryA * imaginaryB;
    product[index + 1] = imaginaryA * realB - realA * imaginaryB;
  }
}
