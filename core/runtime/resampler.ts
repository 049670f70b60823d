import type { SpeexResampler } from '@echogarden/speex-resampler-wasm/simd';

/** -102 dB of alias at 0.28 to 0.55 ms per second of audio. */
const QUALITY = 4;
/** Samples handed to the library at once. */
const INPUT_SAMPLES = 4096;

let loading: Promise<SpeexResampler> | undefined;

/** The library's code, loaded at first need: most providers take the core's own rate. */
function library(): Promise<SpeexResampler> {
  loading ??= import('@echogarden/speex-resampler-wasm/simd').then((module) => module.default());
  return loading;
}

/** One mono stream from one rate to another, without the filter's delay: sample 0 in is sample 0 out. */
export class Resampler {
  readonly #speex: SpeexResampler;
  readonly #state: number;
  readonly #memory: number;
  readonly #outputSamples: number;
  readonly #silence: Int16Array;
  #isClosed = false;

  static async create(fromHz: number, toHz: number): Promise<Resampler> {
    return new Resampler(await library(), fromHz, toHz);
  }

  private constructor(speex: SpeexResampler, fromHz: number, toHz: number) {
    this.#speex = speex;
    this.#outputSamples = Math.ceil((INPUT_SAMPLES * toHz) / fromHz) + 64;
    this.#memory = speex._malloc(8 + (INPUT_SAMPLES + this.#outputSamples) * 2);
    this.#state = speex._speex_resampler_init(1, fromHz, toHz, QUALITY, this.#memory);
    if (this.#state === 0 || this.#memory === 0) throw new RangeError(`cannot resample ${fromHz} Hz to ${toHz} Hz`);
    speex._speex_resampler_skip_zeros(this.#state);
    this.#silence = new Int16Array(speex._speex_resampler_get_input_latency(this.#state));
  }

  /** The samples that `pcm` makes available now. */
  process(pcm: Int16Array): Int16Array {
    const parts: Int16Array[] = [];
    for (let from = 0; from < pcm.length; ) {
      const { used, output } = this.#step(pcm.subarray(from, from + INPUT_SAMPLES));
      parts.push(output);
      from += used;
    }
    return parts.length === 1 && parts[0] ? parts[0] : joined(parts);
  }

  /** What the filter still holds; the next `process` starts anew. */
  flush(): Int16Array {
    const rest = this.process(this.#silence);
    this.#speex._speex_resampler_reset_mem(this.#state);
    this.#speex._speex_resampler_skip_zeros(this.#state);
    return rest;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#speex._speex_resampler_destroy(this.#state);
    this.#speex._free(this.#memory);
  }

  #step(pcm: Int16Array): { used: number; output: Int16Array } {
    const speex = this.#speex;
    const lengths = this.#memory >> 2;
    const input = this.#memory + 8;
    const output = input + INPUT_SAMPLES * 2;
    speex.HEAP16.set(pcm, input >> 1);
    speex.HEAPU32[lengths] = pcm.length;
    speex.HEAPU32[lengths + 1] = this.#outputSamples;
    speex._speex_resampler_process_int(this.#state, 0, input, this.#memory, output, this.#memory + 4);
    const used = speex.HEAPU32[lengths] ?? 0;
    const made = speex.HEAPU32[lengths + 1] ?? 0;
    // A step that takes nothing would never end; the library takes all as long as the output has room.
    if (used === 0) throw new RangeError('the resampler took no input');
    return { used, output: speex.HEAP16.slice(output >> 1, (output >> 1) + made) };
  }
}

/** A whole utterance at another rate. */
export async function resampled(pcm: Int16Array, fromHz: number, toHz: number): Promise<Int16Array> {
  if (fromHz === toHz) return pcm;
  const resampler = await Resampler.create(fromHz, toHz);
  try {
    const whole = joined([resampler.process(pcm), resampler.flush()]);
    return whole.subarray(0, Math.round((pcm.length * toHz) / fromHz));
  } finally {
    resampler.close();
  }
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
