import { RESAMPLE_INPUT_SAMPLES, RESAMPLE_OUTPUT_SAMPLES, Resampler } from './resample.ts';
import type { RestartState } from './restart-map.ts';
import type { Stage } from './stage.ts';

/** The rate everything after decoding works at. */
export const OUTPUT_HZ = 16_000;
/** At most half a second is given at once. */
const BLOCK_SAMPLES = 8000;
const INT16_SCALE = 1 / 32_768;

/** Takes 16 kHz mono samples of ±1, borrowed until return, at most half a second. */
export type PcmSink = (pcm: Float32Array) => void;

/** Rates and channels that make sense for a voice; anything else is refused, not believed. */
export function pcmSupported(sampleRateHz: number, channels: number): boolean {
  return sampleRateHz >= 8000 && sampleRateHz <= 192_000 && (channels === 1 || channels === 2);
}

/** Signed 16-bit little-endian PCM, mono or stereo, of any rate from 8 to 192 kHz, to 16 kHz mono. */
export class PcmStage implements Stage {
  readonly restart: RestartState;
  readonly #sink: PcmSink;
  readonly #inputHz: number;
  readonly #channels: number;
  readonly #frameBytes: number;
  readonly #resampler: Resampler | undefined;
  readonly #block: Float32Array;
  /** The beginning of a frame that goes on in the next piece. */
  readonly #partial = new Uint8Array(4);
  #partialLength = 0;
  /** So many frames in are as many samples out to the bit; and how many came in. */
  readonly #unitFrames: number;
  #framesIn = 0;

  /** @throws Error where another rate than 16 kHz is asked for before the resampler was loaded. */
  constructor(sampleRateHz: number, channels: number, sink: PcmSink) {
    this.restart = { format: 'pcm_s16le', sampleRateHz, channels };
    this.#sink = sink;
    this.#inputHz = sampleRateHz;
    this.#channels = channels;
    this.#frameBytes = channels * 2;
    this.#unitFrames = sampleRateHz / commonDivisor(sampleRateHz, OUTPUT_HZ);
    this.#resampler = sampleRateHz === OUTPUT_HZ ? undefined : new Resampler(sampleRateHz, OUTPUT_HZ);
    // Resampled blocks are copied out: whoever hears them may resample something himself, in the same scratch memory.
    this.#block = this.#resampler ? new Float32Array(RESAMPLE_OUTPUT_SAMPLES) : new Float32Array(BLOCK_SAMPLES);
  }

  get buffered(): number {
    return this.#partialLength;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (this.#partialLength > 0 && at < bytes.length) {
      this.#partial[this.#partialLength] = bytes[at] ?? 0;
      this.#partialLength += 1;
      at += 1;
      if (this.#partialLength === this.#frameBytes) {
        this.#partialLength = 0;
        this.#frames(this.#partial, 0, 1);
      }
    }
    const frames = Math.floor((bytes.length - at) / this.#frameBytes);
    this.#frames(bytes, at, frames);
    for (at += frames * this.#frameBytes; at < bytes.length; at += 1) {
      this.#partial[this.#partialLength] = bytes[at] ?? 0;
      this.#partialLength += 1;
    }
  }

  /** Raw samples have no sound place to look for: what follows stands where it would have stood in its frame. */
  skip(byteCount: number): void {
    this.#partial.fill(0);
    this.#partialLength = (this.#partialLength + byteCount) % this.#frameBytes;
  }

  rewind(): number {
    const length = this.#partialLength;
    this.#partialLength = 0;
    return length;
  }

  aligned(): { back: number; sample: number } {
    const over = this.#framesIn % this.#unitFrames;
    const sample = ((this.#framesIn - over) * OUTPUT_HZ) / this.#inputHz;
    return { back: over * this.#frameBytes + this.#partialLength, sample };
  }

  end(): undefined {
    this.#partialLength = 0;
    if (this.#resampler) this.#resampled(this.#resampler.flush());
  }

  close(): void {
    this.#resampler?.close();
  }

  #frames(bytes: Uint8Array, from: number, frames: number): void {
    this.#framesIn += frames;
    const most = this.#resampler ? RESAMPLE_INPUT_SAMPLES : BLOCK_SAMPLES;
    for (let done = 0; done < frames; done += most) {
      const count = Math.min(most, frames - done);
      const target = this.#resampler ? this.#resampler.input(count) : this.#block.subarray(0, count);
      const at = from + done * this.#frameBytes;
      if (this.#channels === 1) toFloat(bytes, at, target);
      else toMono(bytes, at, target);
      if (this.#resampler) this.#resampled(this.#resampler.process(count));
      else this.#sink(target);
    }
  }

  #resampled(pcm: Float32Array): void {
    this.#block.set(pcm);
    if (pcm.length > 0) this.#sink(this.#block.subarray(0, pcm.length));
  }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function toFloat(bytes: Uint8Array, from: number, target: Float32Array): void {
  let at = from;
  for (let index = 0; index < target.length; index += 1) {
    target[index] = ((((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) << 16) >> 16) * INT16_SCALE;
    at += 2;
  }
}

/** The mean of both channels: neither side of the counter is lost, and two equal ones do not clip. */
function toMono(bytes: Uint8Array, from: number, target: Float32Array): void {
  let at = from;
  for (let index = 0; index < target.length; index += 1) {
    const left = (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) << 16) >> 16;
    const right = (((bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8)) << 16) >> 16;
    target[index] = (left + right) * (INT16_SCALE / 2);
    at += 4;
  }
}
