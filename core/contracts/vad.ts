/** Voice activity detection over fixed frames. */
export interface Vad {
  sampleRateHz: number;
  frameSamples: number;
  /** How strict it is, where it has such a scale (0 to 3); stored with each interaction. */
  aggressiveness?: number;
  /** Opens one stream. `onResult` is called once per pushed frame, in order, synchronously or later; probability 0 to 1. */
  open(onResult: VadResultHandler): VadStream;
  close?(): Promise<void>;
}

/** `seq` is the number given to `push`. A failed stream reports NaN once and is closed by the core. */
export type VadResultHandler = (seq: number, probability: number) => void;

export interface VadStream {
  /** `frame` has `frameSamples` samples in ±1, borrowed until return (the plugin copies what it keeps). No promise per frame. */
  push(frame: Float32Array, seq: number): void;
  /** Forgets recurrent state: the audio that follows does not continue what came before. */
  reset(): void;
  close(): void;
}

export interface VadCapabilities {
  /** Whether the detector stays usable in steady noise without a gate or cleaner before it. */
  robustToNoise: boolean;
  /** Probability at which speech starts, and below which it ends. */
  thresholds: { on: number; off: number };
}
