/** The part of `@echogarden/speex-resampler-wasm` in use: SpeexDSP's C functions over one wasm heap. The package ships no types. */
declare module '@echogarden/speex-resampler-wasm/simd' {
  export interface SpeexResampler {
    /** Replaced when the heap grows: read again before each use. */
    readonly HEAP16: Int16Array;
    readonly HEAP32: Int32Array;
    readonly HEAPU32: Uint32Array;
    readonly HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** 0 and a code at `error` when it fails. */
    _speex_resampler_init(channels: number, inHz: number, outHz: number, quality: number, error: number): number;
    _speex_resampler_destroy(state: number): void;
    _speex_resampler_skip_zeros(state: number): number;
    _speex_resampler_reset_mem(state: number): number;
    /** In samples at the input rate. */
    _speex_resampler_get_input_latency(state: number): number;
    /** Lengths are uint32 in the heap: given going in, used and written coming out. 0 on success. */
    _speex_resampler_process_int(
      state: number,
      channel: number,
      input: number,
      inputLength: number,
      output: number,
      outputLength: number,
    ): number;
    _speex_resampler_process_float(
      state: number,
      channel: number,
      input: number,
      inputLength: number,
      output: number,
      outputLength: number,
    ): number;
  }
  export default function load(): Promise<SpeexResampler>;
}
