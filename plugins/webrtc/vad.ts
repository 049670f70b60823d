import type { Fvad } from '@echogarden/fvad-wasm';
import {
  ProviderError,
  type ProviderManifest,
  type Vad,
  type VadResultHandler,
  type VadStream,
  type VendorManifest,
} from '../../core/contracts/index.ts';
import { DEFAULT_MODE, WebrtcSettings } from './config.ts';

export const vendor: VendorManifest = { id: 'webrtc', title: 'WebRTC', specVersion: 1, region: 'local' };

const RATE_HZ = 16_000;
/** 30 ms, the longest frame libfvad takes. */
const FRAME = 480;

/** WebRTC's VAD in WebAssembly: yes or no per 30 ms frame, at once. */
export const webrtcProvider: ProviderManifest<'vad'> = {
  kind: 'vad',
  vendor: vendor.id,
  id: 'webrtc',
  title: 'WebRTC VAD',
  settings: WebrtcSettings,
  models: ['fvad'],
  capabilities: { robustToNoise: false, thresholds: { on: 0.5, off: 0.35 } },
  async create(_credential, settings) {
    const mode = typeof settings['mode'] === 'number' ? settings['mode'] : DEFAULT_MODE;
    return new WebrtcVad(await loadFvad(), mode);
  },
};

async function loadFvad(): Promise<Fvad> {
  try {
    const { default: load } = await import('@echogarden/fvad-wasm');
    return await load();
  } catch (cause) {
    throw new ProviderError({ code: 'unsupported', message: 'O WebRTC VAD não carrega neste sistema.', cause });
  }
}

class WebrtcVad implements Vad {
  readonly sampleRateHz = RATE_HZ;
  readonly frameSamples = FRAME;
  readonly #fvad: Fvad;
  readonly aggressiveness: number;
  /** One scratch frame in the wasm heap serves all streams: a call is over before the next begins. */
  readonly #scratch: number;
  readonly #open = new Set<WebrtcStream>();

  constructor(fvad: Fvad, mode: number) {
    this.#fvad = fvad;
    this.aggressiveness = mode;
    this.#scratch = fvad._malloc(FRAME * 2);
  }

  open(onResult: VadResultHandler): VadStream {
    const stream = new WebrtcStream(this.#fvad, this.aggressiveness, this.#scratch, onResult, () =>
      this.#open.delete(stream),
    );
    this.#open.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of [...this.#open]) stream.close();
    this.#fvad._free(this.#scratch);
  }
}

class WebrtcStream implements VadStream {
  readonly #fvad: Fvad;
  readonly #mode: number;
  readonly #scratch: number;
  readonly #onResult: VadResultHandler;
  readonly #onClose: () => void;
  /** 0 = none: out of memory, or closed. */
  #handle: number;
  #failed = false;

  constructor(fvad: Fvad, mode: number, scratch: number, onResult: VadResultHandler, onClose: () => void) {
    this.#fvad = fvad;
    this.#mode = mode;
    this.#scratch = scratch;
    this.#onResult = onResult;
    this.#onClose = onClose;
    this.#handle = fvad._fvad_new();
    this.reset();
  }

  push(frame: Float32Array, seq: number): void {
    if (this.#failed) return;
    const probability = this.#handle === 0 ? Number.NaN : this.#process(frame);
    if (Number.isNaN(probability)) this.#failed = true;
    this.#onResult(seq, probability);
  }

  reset(): void {
    if (this.#handle === 0) return;
    this.#fvad._fvad_reset(this.#handle);
    this.#fvad._fvad_set_mode(this.#handle, this.#mode);
    this.#fvad._fvad_set_sample_rate(this.#handle, RATE_HZ);
  }

  close(): void {
    if (this.#handle === 0) return;
    this.#fvad._fvad_free(this.#handle);
    this.#handle = 0;
    this.#failed = true;
    this.#onClose();
  }

  #process(frame: Float32Array): number {
    // Read anew each time: the heap's view changes when the wasm memory grows.
    const heap = this.#fvad.HEAP16;
    const at = this.#scratch >> 1;
    for (let i = 0; i < FRAME; i++) {
      const value = (frame[i] as number) * 32768;
      heap[at + i] = value > 32767 ? 32767 : value < -32768 ? -32768 : value;
    }
    const decision = this.#fvad._fvad_process(this.#handle, this.#scratch, FRAME);
    return decision < 0 ? Number.NaN : decision;
  }
}
