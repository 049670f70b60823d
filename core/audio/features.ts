import { FRAME_MS, FRAME_SAMPLES } from '../contracts/index.ts';
import type { PitchTracker } from './pitch.ts';
import { quietestTenth, snrDb } from './snr.ts';
import type { SpectralShape, Spectrum } from './spectrum.ts';
import type { AudioClass, Features } from './types.ts';

/** Pitch is measured once in this many samples (64 ms). */
const PITCH_EVERY = 1024;
/** 0.995 of full scale. */
const CLIPPED = 0.995 * 32768;
/** Voiced windows from which a mean and a deviation mean something. */
const ENOUGH_PITCHES = 3;

/** What the accumulator cannot know by itself. */
export interface FeatureContext {
  /** Mean square of the last second of silence; undefined: the quietest tenth of the frames stands in. */
  noisePower: number | undefined;
  cleanerGainDb: number | null;
}

/**
 * Features of one utterance by protocol.md §3, gathered frame by frame while it is spoken, so that nothing is left to
 * do at its end. One object serves all utterances of a session. Allocates nothing per frame.
 */
export class FeatureMeter {
  readonly #spectrum: Spectrum;
  readonly #pitch: PitchTracker;
  readonly #shape: SpectralShape = { low: 0, mid: 0, high: 0, centroid: 0 };
  #powers = new Float64Array(512);
  #frames = 0;
  #samples = 0;
  #spokenFrames = 0;
  #spokenPower = 0;
  #rmsSum = 0;
  #rmsMax = 0;
  #peak = 0;
  #clipped = 0;
  #sum = 0;
  #crossings = 0;
  /** Of the last sample that was not 0: 0 for positive, -1 for negative. */
  #sign = 0;
  #centroidSum = 0;
  #centroidFrames = 0;
  #loudest = 0;
  #loudestCentroid = 0;
  #low = 0;
  #mid = 0;
  #high = 0;
  #sincePitch = 0;
  #pitches = 0;
  #pitchSum = 0;
  #pitchSquares = 0;

  constructor(spectrum: Spectrum, pitch: PitchTracker) {
    this.#spectrum = spectrum;
    this.#pitch = pitch;
  }

  get spokenFrames(): number {
    return this.#spokenFrames;
  }

  get frames(): number {
    return this.#frames;
  }

  /** Starts the next utterance. */
  begin(): void {
    this.#frames = this.#samples = this.#spokenFrames = this.#spokenPower = 0;
    this.#rmsSum = this.#rmsMax = this.#peak = this.#clipped = this.#sum = this.#crossings = 0;
    this.#sign = 0;
    this.#centroidSum = this.#centroidFrames = this.#loudest = this.#loudestCentroid = 0;
    this.#low = this.#mid = this.#high = 0;
    this.#sincePitch = this.#pitches = this.#pitchSum = this.#pitchSquares = 0;
    this.#pitch.reset();
  }

  /** One frame of the signal STT hears; `rms` is that of the raw frame, in int16 units. */
  add(pcm: Int16Array, samples: number, rms: number, spoken: boolean): void {
    const power = this.#scan(pcm, samples);
    this.#rmsSum += rms;
    this.#rmsMax = Math.max(this.#rmsMax, rms);
    if (this.#frames === this.#powers.length) this.#grow();
    this.#powers[this.#frames] = power;
    this.#frames += 1;
    this.#samples += samples;
    if (spoken) {
      this.#spokenFrames += 1;
      this.#spokenPower += power;
    }
    this.#addSpectrum(pcm, power);
    this.#addPitch(pcm, spoken);
  }

  finish(context: FeatureContext): Features {
    const samples = Math.max(1, this.#samples);
    const frames = Math.max(1, this.#frames);
    const speechPower = this.#spokenPower / Math.max(1, this.#spokenFrames);
    const noisePower = context.noisePower ?? quietestTenth(this.#powers, this.#frames);
    const whole = this.#low + this.#mid + this.#high || 1;
    const partial = {
      durationMs: Math.round((this.#samples * FRAME_MS) / FRAME_SAMPLES),
      snrDb: snrDb(speechPower, noisePower),
      energyRmsMean: this.#rmsSum / frames,
      energyRmsMax: this.#rmsMax,
      peakDbfs: 20 * Math.log10(Math.max(this.#peak, 1) / 32768),
      clippingRatio: this.#clipped / samples,
      dcOffset: this.#sum / samples / 32768,
      zcr: this.#crossings / samples,
      spectralCentroid: this.#loudestCentroid,
      spectralCentroidMean: this.#centroidSum / Math.max(1, this.#centroidFrames),
      bandEnergyLow: this.#low / whole,
      bandEnergyMid: this.#mid / whole,
      bandEnergyHigh: this.#high / whole,
      ...this.#pitchStatistics(),
      cleanerGainDb: context.cleanerGainDb,
    };
    return { ...partial, class: classify(partial) };
  }

  /** Sums over the samples; returns the frame's mean square in ±1. Without branches: half the time of the plain loop. */
  #scan(pcm: Int16Array, samples: number): number {
    let sum = 0;
    let squares = 0;
    let peak = 0;
    let sign = this.#sign;
    let crossings = 0;
    for (let i = 0; i < samples; i++) {
      const value = pcm[i] as number;
      const size = Math.abs(value);
      sum = (sum + value) | 0;
      squares += value * value;
      peak = Math.max(peak, size) | 0;
      // All ones where the value is not 0: a zero keeps the sign before it, digital silence has no crossings.
      const counts = -size >> 31;
      const next = ((value >> 31) & counts) | (sign & ~counts);
      crossings = (crossings - (next ^ sign)) | 0;
      sign = next;
    }
    if (peak > CLIPPED) this.#clipped += countAbove(pcm, samples, CLIPPED);
    this.#sum += sum;
    this.#peak = Math.max(this.#peak, peak);
    this.#sign = sign;
    this.#crossings += crossings;
    return squares / Math.max(1, samples) / (32768 * 32768);
  }

  #addSpectrum(pcm: Int16Array, power: number): void {
    this.#spectrum.analyse(pcm);
    this.#spectrum.measure(this.#shape);
    const { centroid, low, mid, high } = this.#shape;
    if (centroid > 0) {
      this.#centroidSum += centroid;
      this.#centroidFrames += 1;
    }
    if (power > this.#loudest) {
      this.#loudest = power;
      this.#loudestCentroid = centroid;
    }
    this.#low += low;
    this.#mid += mid;
    this.#high += high;
  }

  #addPitch(pcm: Int16Array, spoken: boolean): void {
    this.#pitch.push(pcm);
    this.#sincePitch += FRAME_SAMPLES;
    if (!spoken || this.#sincePitch < PITCH_EVERY) return;
    this.#sincePitch -= PITCH_EVERY;
    // After a pause the count would be full at once, again and again.
    if (this.#sincePitch > PITCH_EVERY) this.#sincePitch = 0;
    this.#pitch.measure();
    const { hz } = this.#pitch;
    if (hz < 50 || hz > 400) return;
    this.#pitches += 1;
    this.#pitchSum += hz;
    this.#pitchSquares += hz * hz;
  }

  #pitchStatistics(): Pick<Features, 'pitchMean' | 'pitchStd'> {
    if (this.#pitches < ENOUGH_PITCHES) return { pitchMean: null, pitchStd: null };
    const mean = this.#pitchSum / this.#pitches;
    return { pitchMean: mean, pitchStd: Math.sqrt(Math.max(0, this.#pitchSquares / this.#pitches - mean * mean)) };
  }

  #grow(): void {
    const powers = new Float64Array(this.#powers.length * 2);
    powers.set(this.#powers);
    this.#powers = powers;
  }
}

/** `audio_classification` by the rules of protocol.md §3, in their order. */
export function classify(features: Pick<Features, 'snrDb' | 'pitchMean' | 'zcr' | 'energyRmsMean'>): AudioClass {
  const pitch = features.pitchMean !== null;
  if (features.snrDb > 12 && pitch) return 'fala';
  if (features.snrDb > 5 && pitch) return 'fala_com_ruido';
  if (features.zcr > 0.15 || (features.snrDb < 5 && !pitch)) {
    return features.energyRmsMean / 32768 < 0.005 ? 'silencio_com_ruido' : 'ruido';
  }
  return pitch ? 'fala' : 'ruido';
}

function countAbove(pcm: Int16Array, samples: number, limit: number): number {
  let count = 0;
  for (let i = 0; i < samples; i++) if (Math.abs(pcm[i] as number) > limit) count += 1;
  return count;
}
