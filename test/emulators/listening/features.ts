import { COEFFICIENTS, DIMENSIONS, type Frame, MfccStream } from './mfcc.ts';

/** Frames of {@link DIMENSIONS} numbers, one after another. */
export interface Features {
  count: number;
  values: Float32Array;
}

/** Mean and deviation per coefficient of a body of speech: what short pieces are normalised with. */
export interface Norm {
  mean: Float32Array;
  deviation: Float32Array;
}

/** A piece's own mean counts as much as the prior one after this many frames (1 s). */
const PRIOR_FRAMES = 67;

/** All frames of 16 kHz audio. */
export function framesOf(pcm: Int16Array): Frame[] {
  const frames: Frame[] = [];
  new MfccStream().push(pcm, (frame) => frames.push(frame));
  return frames;
}

export function normOf(frames: Frame[]): Norm {
  const mean = new Float32Array(COEFFICIENTS);
  const deviation = new Float32Array(COEFFICIENTS);
  for (const { cepstrum } of frames) for (let at = 0; at < COEFFICIENTS; at++) mean[at]! += cepstrum[at]!;
  mean.forEach((sum, at) => {
    mean[at] = sum / Math.max(1, frames.length);
  });
  for (const { cepstrum } of frames) {
    for (let at = 0; at < COEFFICIENTS; at++) deviation[at]! += (cepstrum[at]! - mean[at]!) ** 2;
  }
  deviation.forEach((sum, at) => {
    deviation[at] = Math.sqrt(sum / Math.max(1, frames.length)) + 1e-3;
  });
  return { mean, deviation };
}

/** Mean cepstrum of speech that goes on, drawn towards a prior one, so that a piece of a second is not flattened. */
export class RunningMean {
  readonly #prior: Norm;
  readonly #sum = new Float64Array(COEFFICIENTS);
  #count = 0;

  constructor(prior: Norm) {
    this.#prior = prior;
  }

  add({ cepstrum }: Frame): void {
    for (let at = 0; at < COEFFICIENTS; at++) this.#sum[at]! += cepstrum[at]!;
    this.#count++;
  }

  value(): Float32Array {
    const weight = this.#count + PRIOR_FRAMES;
    return this.#prior.mean.map((mean, at) => (this.#sum[at]! + PRIOR_FRAMES * mean) / weight);
  }
}

function blendedMean(frames: Frame[], prior: Norm): Float32Array {
  const mean = new RunningMean(prior);
  for (const frame of frames) mean.add(frame);
  return mean.value();
}

/** Cepstral mean and variance normalisation, then deltas over ± 2 frames. */
export function featuresOf(frames: Frame[], prior: Norm, mean = blendedMean(frames, prior)): Features {
  const values = new Float32Array(frames.length * DIMENSIONS);
  frames.forEach(({ cepstrum }, index) => {
    for (let at = 0; at < COEFFICIENTS; at++) {
      values[index * DIMENSIONS + at] = (cepstrum[at]! - mean[at]!) / prior.deviation[at]!;
    }
  });
  const value = (index: number, at: number) =>
    values[Math.max(0, Math.min(frames.length - 1, index)) * DIMENSIONS + at]!;
  for (let index = 0; index < frames.length; index++) {
    for (let at = 0; at < COEFFICIENTS; at++) {
      const slope = value(index + 1, at) - value(index - 1, at) + 2 * (value(index + 2, at) - value(index - 2, at));
      values[index * DIMENSIONS + COEFFICIENTS + at] = slope / 5;
    }
  }
  return { count: frames.length, values };
}
