/** Noise reduction, frame by frame. */
export interface Cleaner {
  sampleRateHz: number;
  /** Samples per call of `process`. */
  frameSamples: number;
  /** Samples by which the output lags the input. */
  delaySamples: number;
  open(): CleanerStream;
  close?(): Promise<void>;
}

export interface CleanerStream {
  /** Both arrays hold `frameSamples` samples in ±1; `output` may be `input`. Allocates nothing. */
  process(input: Float32Array, output: Float32Array): void;
  /** Updates the noise estimate only, without producing output: used on one frame in four while nobody speaks. */
  observe?(input: Float32Array): void;
  reset(): void;
  close(): void;
}

export interface CleanerCapabilities {
  /** Kind of noise it helps against. */
  noise: 'stationary' | 'any';
}
