import { type ProviderManifest, parseConfig, type Vad, type VadResultHandler, type VadStream } from 'balto/contracts';
import { settingsSchema, vendor } from './vad-config.ts';

const RATE_HZ = 16_000;
/** 30 ms. */
const FRAME = 480;
/** Below this nothing is speech, in dB of full scale. */
const QUIETEST_DB = -55;
/** The noise is what the quietest frame was; it may rise so much from one frame to the next. */
const RISE_DB = 0.05;
/** Frames that still count as speech after a loud one: consonants and short pauses. */
const HANG_OVER = 6;

/** The simplest detector there is: speech is what is louder than the room. Replace `hear()` with the real one. */
class AcmeVad implements Vad {
  readonly sampleRateHz = RATE_HZ;
  readonly frameSamples = FRAME;
  readonly #marginDb: number;
  readonly #open = new Set<AcmeStream>();

  constructor(marginDb: number) {
    this.#marginDb = marginDb;
  }

  open(onResult: VadResultHandler): VadStream {
    const stream = new AcmeStream(this.#marginDb, onResult, () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    for (const stream of [...this.#open]) stream.close();
  }
}

class AcmeStream implements VadStream {
  readonly #marginDb: number;
  readonly #onResult: VadResultHandler;
  readonly #onClose: () => void;
  #isClosed = false;
  #noiseDb = 0;
  #hangOver = 0;

  constructor(marginDb: number, onResult: VadResultHandler, onClose: () => void) {
    this.#marginDb = marginDb;
    this.#onResult = onResult;
    this.#onClose = onClose;
    this.reset();
  }

  push(frame: Float32Array, seq: number): void {
    if (!this.#isClosed) this.#onResult(seq, this.#hear(frame));
  }

  reset(): void {
    this.#noiseDb = QUIETEST_DB;
    this.#hangOver = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#onClose();
  }

  #hear(frame: Float32Array): number {
    const db = levelDb(frame);
    this.#noiseDb = Math.min(db, this.#noiseDb + RISE_DB);
    const isLoud = db > Math.max(QUIETEST_DB, this.#noiseDb + this.#marginDb);
    this.#hangOver = isLoud ? HANG_OVER : Math.max(0, this.#hangOver - 1);
    if (isLoud) return 1;
    return this.#hangOver > 0 ? 0.6 : 0;
  }
}

/** `vad/acme`. */
export const acmeVad: ProviderManifest<'vad'> = {
  kind: 'vad',
  vendor: 'acme',
  id: 'acme',
  title: vendor.title,
  settings: settingsSchema,
  models: ['energia'],
  capabilities: { robustToNoise: false, thresholds: { on: 0.5, off: 0.35 } },
  create: (_credential, settings) => new AcmeVad(parseConfig(settingsSchema, settings).marginDb),
};

function levelDb(frame: Float32Array): number {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return 10 * Math.log10(sum / frame.length + 1e-12);
}
