/** The part of `@echogarden/rnnoise-wasm` in use: RNNoise's C functions over one wasm heap. The package ships no types. */
declare module '@echogarden/rnnoise-wasm' {
  export interface Rnnoise {
    /** Replaced by another view when the wasm memory grows. */
    readonly HEAPF32: Float32Array;
    /** 0 when out of memory. */
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** Bytes of one state. */
    _rnnoise_get_size(): number;
    /** Writes a fresh state of the built-in model (`model` 0) over `state`. */
    _rnnoise_init(state: number, model: number): number;
    /** 480 samples at 48 kHz, values in ±32768; `output` may be `input`. Returns the probability of voice. */
    _rnnoise_process_frame(state: number, output: number, input: number): number;
  }
  export default function load(): Promise<Rnnoise>;
}
