import type { Rnnoise } from '@echogarden/rnnoise-wasm';
import Type from 'typebox';
import {
  type Cleaner,
  type CleanerStream,
  ProviderError,
  type ProviderManifest,
  type VendorManifest,
} from '../../core/contracts/index.ts';
import { Downsampler, RATIO, RESAMPLING_DELAY, Upsampler } from './resampler.ts';

export const vendor: VendorManifest = { id: 'rnnoise', title: 'RNNoise', specVersion: 1, region: 'local' };

/** 10 ms at 16 kHz: the 480 samples at 48 kHz that RNNoise takes. */
const FRAME = 160;
const WIDE_FRAME = FRAME * RATIO;
/** RNNoise's windows overlap by half: what goes in comes out one frame later. */
const RNNOISE_DELAY = FRAME;
/** RNNoise's samples are those of PCM16, as floats. */
const FULL_SCALE = 32768;

/** RNNoise, a small recurrent network in WebAssembly: learnt from speech in noises of all kinds. */
export const rnnoiseProvider: ProviderManifest<'cleaner'> = {
  kind: 'cleaner',
  vendor: vendor.id,
  id: 'rnnoise',
  title: 'RNNoise',
  settings: Type.Object({}),
  models: ['rnnoise'],
  capabilities: { noise: 'any' },
  create: async () => new RnnoiseCleaner(await load()),
};

async function load(): Promise<Rnnoise> {
  try {
    const { default: start } = await import('@echogarden/rnnoise-wasm');
    return await start();
  } catch (cause) {
    throw new ProviderError({ code: 'unsupported', message: 'O RNNoise não carrega neste sistema.', cause });
  }
}

class RnnoiseCleaner implements Cleaner {
  readonly sampleRateHz = 16_000;
  readonly frameSamples = FRAME;
  readonly delaySamples = RNNOISE_DELAY + RESAMPLING_DELAY;
  readonly #rnnoise: Rnnoise;
  /** One frame in the wasm heap serves all streams: a call is over before the next begins. */
  readonly #scratch: number;
  readonly #open = new Set<RnnoiseStream>();

  constructor(rnnoise: Rnnoise) {
    this.#rnnoise = rnnoise;
    this.#scratch = allocate(rnnoise, WIDE_FRAME * Float32Array.BYTES_PER_ELEMENT);
  }

  /** Throws ProviderError `unsupported` when the wasm memory holds no further stream. */
  open(): CleanerStream {
    const stream = new RnnoiseStream(this.#rnnoise, this.#scratch, () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of [...this.#open]) stream.close();
    this.#rnnoise._free(this.#scratch);
  }
}

class RnnoiseStream implements CleanerStream {
  readonly #rnnoise: Rnnoise;
  readonly #scratch: number;
  readonly #onClose: () => void;
  readonly #up = new Upsampler(FRAME);
  readonly #down = new Downsampler(FRAME);
  /** 0: closed. */
  #state: number;

  constructor(rnnoise: Rnnoise, scratch: number, onClose: () => void) {
    this.#rnnoise = rnnoise;
    this.#scratch = scratch;
    this.#onClose = onClose;
    this.#state = allocate(rnnoise, rnnoise._rnnoise_get_size());
    rnnoise._rnnoise_init(this.#state, 0);
  }

  process(input: Float32Array, output: Float32Array): void {
    if (this.#state === 0) return void output.fill(0);
    // Read anew each time: the heap's view changes when the wasm memory grows.
    const heap = this.#rnnoise.HEAPF32;
    const at = this.#scratch / Float32Array.BYTES_PER_ELEMENT;
    this.#up.process(input, heap, at, FULL_SCALE);
    this.#rnnoise._rnnoise_process_frame(this.#state, this.#scratch, this.#scratch);
    this.#down.process(heap, at, output, 1 / FULL_SCALE);
  }

  reset(): void {
    if (this.#state === 0) return;
    this.#rnnoise._rnnoise_init(this.#state, 0);
    this.#up.reset();
    this.#down.reset();
  }

  close(): void {
    if (this.#state === 0) return;
    this.#rnnoise._free(this.#state);
    this.#state = 0;
    this.#onClose();
  }
}

/** Bytes in the wasm heap. RNNoise's own constructor does not look whether it got any. */
function allocate(rnnoise: Rnnoise, bytes: number): number {
  const pointer = rnnoise._malloc(bytes);
  if (pointer !== 0) return pointer;
  throw new ProviderError({ code: 'unsupported', message: 'O RNNoise não tem memória para mais um balcão.' });
}
