import FFT from 'fft.js';
import type { Cleaner, CleanerStream, ProviderManifest, VendorManifest } from '../../core/contracts/index.ts';
import { DEFAULT_FLOOR, SpectralGateSettings } from './config.ts';
import { NoiseEstimate } from './noise.ts';

export const vendor: VendorManifest = {
  id: 'spectral-gate',
  title: 'Porta espectral',
  specVersion: 1,
  region: 'local',
};

/** Noise reduction by a Wiener gain per band, in process. */
export const spectralGateProvider: ProviderManifest<'cleaner'> = {
  kind: 'cleaner',
  vendor: vendor.id,
  id: 'spectral-gate',
  title: 'Porta espectral',
  settings: SpectralGateSettings,
  models: ['wiener'],
  capabilities: { noise: 'stationary' },
  create(_credential, settings) {
    return new SpectralGate(typeof settings['floor'] === 'number' ? settings['floor'] : DEFAULT_FLOOR);
  },
};

/** Window and hop in samples at 16 kHz: 32 and 8 ms. */
const WINDOW = 512;
const HOP = 128;
const BANDS = WINDOW / 2 + 1;
/** Weight of the past in the decision-directed estimate (Ephraim and Malah, 1984). */
const PAST = 0.96;

class SpectralGate implements Cleaner {
  readonly sampleRateHz = 16_000;
  /** One whole window, so that `observe` sees a spectrum without a seam. */
  readonly frameSamples = WINDOW;
  readonly delaySamples = WINDOW - HOP;
  readonly #floor: number;
  readonly #shared = new Workspace();

  constructor(floor: number) {
    this.#floor = floor;
  }

  open(): CleanerStream {
    return new SpectralGateStream(this.#shared, this.#floor);
  }
}

/** Transform buffers: no stream keeps anything in them between calls, so all of an instance share one set. */
class Workspace {
  readonly fft = new FFT(WINDOW);
  readonly window = Float64Array.from({ length: WINDOW }, (_, i) => Math.sin((Math.PI * i) / WINDOW));
  readonly windowed = new Float64Array(WINDOW);
  readonly spectrum = new Float64Array(WINDOW * 2);
  readonly time = new Float64Array(WINDOW * 2);
  readonly power = new Float64Array(BANDS);

  /** Spectrum and power of the windowed `signal`. */
  analyse(signal: Float32Array): void {
    for (let i = 0; i < WINDOW; i++) this.windowed[i] = (signal[i] as number) * (this.window[i] as number);
    this.fft.realTransform(this.spectrum, this.windowed);
    for (let k = 0; k < BANDS; k++) {
      const re = this.spectrum[2 * k] as number;
      const im = this.spectrum[2 * k + 1] as number;
      this.power[k] = re * re + im * im;
    }
  }
}

class SpectralGateStream implements CleanerStream {
  readonly #work: Workspace;
  readonly #floor: number;
  readonly #noise = new NoiseEstimate(BANDS);
  readonly #history = new Float32Array(WINDOW);
  readonly #overlap = new Float64Array(WINDOW);
  /** Clean power of the hop before, per band. */
  readonly #clean = new Float64Array(BANDS);

  constructor(work: Workspace, floor: number) {
    this.#work = work;
    this.#floor = floor;
  }

  process(input: Float32Array, output: Float32Array): void {
    for (let from = 0; from < WINDOW; from += HOP) {
      this.#history.copyWithin(0, HOP);
      for (let i = 0; i < HOP; i++) this.#history[WINDOW - HOP + i] = input[from + i] as number;
      this.#hop();
      for (let i = 0; i < HOP; i++) output[from + i] = this.#overlap[i] as number;
      this.#overlap.copyWithin(0, HOP);
      this.#overlap.fill(0, WINDOW - HOP);
    }
  }

  observe(input: Float32Array): void {
    this.#work.analyse(input);
    this.#noise.learn(this.#work.power);
  }

  reset(): void {
    this.#noise.reset();
    this.#history.fill(0);
    this.#overlap.fill(0);
    this.#clean.fill(0);
  }

  close(): void {
    this.reset();
  }

  #hop(): void {
    const { fft, spectrum, time, window } = this.#work;
    this.#work.analyse(this.#history);
    this.#noise.track(this.#work.power);
    this.#attenuate();
    fft.completeSpectrum(spectrum);
    fft.inverseTransform(time, spectrum);
    // Hann (sqrt-Hann twice) at a quarter's hop adds up to 2.
    for (let i = 0; i < WINDOW; i++) {
      this.#overlap[i] = (this.#overlap[i] as number) + 0.5 * (time[2 * i] as number) * (window[i] as number);
    }
  }

  #attenuate(): void {
    const { spectrum, power } = this.#work;
    for (let k = 0; k < BANDS; k++) {
      const noise = (this.#noise.power[k] as number) + 1e-12;
      const posterior = (power[k] as number) / noise;
      const prior = (PAST * (this.#clean[k] as number)) / noise + (1 - PAST) * Math.max(posterior - 1, 0);
      const gain = Math.max(prior / (1 + prior), this.#floor);
      this.#clean[k] = gain * gain * (power[k] as number);
      spectrum[2 * k] = (spectrum[2 * k] as number) * gain;
      spectrum[2 * k + 1] = (spectrum[2 * k + 1] as number) * gain;
    }
  }
}
