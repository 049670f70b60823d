import load, { type SpeexResampler } from '@echogarden/speex-resampler-wasm/simd';

/** Samples taken at once: shared scratch in the module's memory, used and given out within one call. */
export const RESAMPLE_INPUT_SAMPLES = 2048;
/** The most that can come out of one call: input starts at 8 kHz, so twice as many, and a margin for the first call. */
export const RESAMPLE_OUTPUT_SAMPLES = RESAMPLE_INPUT_SAMPLES * 2 + 256;
/** Speex quality 4: 0.55 ms of CPU per second from 48 kHz, aliases at −102 dB (measured; 3: −90 dB, 5: −132 dB). */
const QUALITY = 4;

interface Shared {
  speex: SpeexResampler;
  input: number;
  output: number;
  lengths: number;
}

let loading: Promise<void> | undefined;
let shared: Shared | undefined;

/** Loads the resampler once for the process; later calls wait for the same load. */
export function loadResampler(): Promise<void> {
  loading ??= load().then((speex) => {
    shared = {
      speex,
      input: speex._malloc(RESAMPLE_INPUT_SAMPLES * 4),
      output: speex._malloc(RESAMPLE_OUTPUT_SAMPLES * 4),
      lengths: speex._malloc(8),
    };
  });
  return loading;
}

/** Whether a {@link Resampler} can be made now. */
export function resamplerReady(): boolean {
  return shared !== undefined;
}

/**
 * One mono stream from any rate to another. Its delay is taken away at the start and made up for by `flush`, so that
 * output sample n is input time n.
 */
export class Resampler {
  readonly #shared: Shared;
  readonly #state: number;
  #closed = false;

  /** @throws Error before {@link loadResampler} has finished, or when the module has no memory left. */
  constructor(inputHz: number, outputHz: number) {
    if (!shared) throw new Error('the resampler is not loaded');
    this.#shared = shared;
    const { speex } = shared;
    this.#state = speex._speex_resampler_init(1, inputHz, outputHz, QUALITY, shared.lengths);
    if (this.#state === 0) throw new Error('the resampler refused to start');
    speex._speex_resampler_skip_zeros(this.#state);
  }

  /**
   * Where the caller writes up to {@link RESAMPLE_INPUT_SAMPLES} samples before {@link process}: no copy in between.
   * The view holds until the next call of anything here, of this stream or of another.
   */
  input(samples: number): Float32Array {
    const start = this.#shared.input >> 2;
    return this.#shared.speex.HEAPF32.subarray(start, start + samples);
  }

  /** Resamples the first `samples` of {@link input}; the answer is borrowed until the next call of anything here. */
  process(samples: number): Float32Array {
    const { speex, input, output, lengths } = this.#shared;
    const at = lengths >> 2;
    speex.HEAPU32[at] = samples;
    speex.HEAPU32[at + 1] = RESAMPLE_OUTPUT_SAMPLES;
    speex._speex_resampler_process_float(this.#state, 0, input, lengths, output, lengths + 4);
    const start = output >> 2;
    return speex.HEAPF32.subarray(start, start + (speex.HEAPU32[at + 1] ?? 0));
  }

  /** The end of the stream, which the filter still holds. */
  flush(): Float32Array {
    const samples = Math.min(
      this.#shared.speex._speex_resampler_get_input_latency(this.#state),
      RESAMPLE_INPUT_SAMPLES,
    );
    this.input(samples).fill(0);
    return this.process(samples);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#shared.speex._speex_resampler_destroy(this.#state);
  }
}
