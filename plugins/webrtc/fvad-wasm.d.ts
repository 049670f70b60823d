/** The part of `@echogarden/fvad-wasm` in use: libfvad's C functions over one wasm heap. The package ships no types. */
declare module '@echogarden/fvad-wasm' {
  export interface Fvad {
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    /** 0 when out of memory. */
    _fvad_new(): number;
    _fvad_free(handle: number): void;
    /** Forgets everything, also mode and rate. */
    _fvad_reset(handle: number): void;
    _fvad_set_mode(handle: number, mode: number): number;
    _fvad_set_sample_rate(handle: number, rateHz: number): number;
    /** 1 speech, 0 none, -1 wrong frame length. */
    _fvad_process(handle: number, pointer: number, samples: number): number;
  }
  export default function load(): Promise<Fvad>;
}
