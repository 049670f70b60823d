import Type, { type TSchema } from 'typebox';
import type {
  ProviderContext,
  ProviderManifest,
  Vad,
  VadCapabilities,
  VadResultHandler,
  VadStream,
  VendorManifest,
} from '../../../core/contracts/index.ts';
import type { VadSubject } from '../../../core/kit/index.ts';
import { pinkNoise, scaled, seededRandom } from '../../../core/kit/local/signals.ts';

const RATE = 16_000;
const SPAN_MS = 2000;
const PAUSE_MS = 1000;
const SPANS = 3;

/** Where an animal departs from the reference. */
export interface Defects {
  vendor?: Partial<VendorManifest>;
  manifest?: Partial<ProviderManifest<'vad'>>;
  settings?: TSchema;
  capabilities?: VadCapabilities;
  frameSamples?: number;
  /** Called when an instance is made. */
  create?(ctx: ProviderContext): void;
  /** Instead of the instance's own. */
  close?(vad: EnergyVad): Promise<void>;
  /** Instead of a stream's own opening. */
  open?(vad: EnergyVad, onResult: VadResultHandler): VadStream;
  /** The probability that is told instead of the one found. */
  probability?(found: number, frame: Float32Array, stream: EnergyStream): number;
}

/** Tells speech by its energy over the least energy of the last three seconds; right on {@link spoken}, and cheap. */
export class EnergyVad implements Vad {
  readonly sampleRateHz = RATE;
  readonly frameSamples: number;
  readonly defects: Defects;
  readonly streams = new Set<EnergyStream>();
  /** For animals that cannot let go. */
  readonly kept: unknown[] = [];

  readonly ctx: ProviderContext;

  constructor(defects: Defects, ctx: ProviderContext) {
    this.defects = defects;
    this.ctx = ctx;
    this.frameSamples = defects.frameSamples ?? 480;
  }

  open(onResult: VadResultHandler): VadStream {
    return this.defects.open ? this.defects.open(this, onResult) : this.stream(onResult);
  }

  /** The good stream, for animals that only wrap it. */
  stream(onResult: VadResultHandler): EnergyStream {
    const stream = new EnergyStream(this, onResult);
    this.streams.add(stream);
    return stream;
  }

  async close(): Promise<void> {
    if (this.defects.close) return this.defects.close(this);
    for (const stream of this.streams) stream.close();
  }
}

/** 3 s of 30 ms frames. */
const MEMORY = 100;
const OVER_FLOOR = 2.2;
const LEAST_ENERGY = 1e-10;

export class EnergyStream implements VadStream {
  /** Least smoothed energy of the last frames: what of the sound is always there. */
  floor = 0;
  frames = 0;
  /** Frames of speech in a row, and frames since the last stretch of ten. */
  run = 0;
  rest = 0;
  /** Whether there was such a stretch at all. */
  heard = false;
  readonly vad: EnergyVad;
  readonly #onResult: VadResultHandler;
  readonly #energies = new Float64Array(MEMORY).fill(Number.POSITIVE_INFINITY);
  #smoothed = 0;
  #closed = false;

  constructor(vad: EnergyVad, onResult: VadResultHandler) {
    this.vad = vad;
    this.#onResult = onResult;
  }

  push(frame: Float32Array, seq: number): void {
    if (this.#closed) return;
    const found = this.hear(frame);
    this.#onResult(seq, this.vad.defects.probability?.(found, frame, this) ?? found);
  }

  reset(): void {
    this.frames = 0;
    this.run = 0;
    this.rest = 0;
    this.heard = false;
    this.#smoothed = 0;
    this.#energies.fill(Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.#closed = true;
    this.vad.streams.delete(this);
  }

  hear(frame: Float32Array): number {
    let energy = 0;
    // Every other sample, and their differences: enough to tell, and noise is flatter so.
    for (let i = 2; i < frame.length; i += 2) energy += ((frame[i] as number) - (frame[i - 1] as number)) ** 2;
    energy /= frame.length / 2;
    this.#smoothed = this.frames === 0 ? energy : 0.6 * this.#smoothed + 0.4 * energy;
    this.#energies[this.frames++ % MEMORY] = this.#smoothed;
    this.floor = Number.POSITIVE_INFINITY;
    for (const each of this.#energies) if (each < this.floor) this.floor = each;
    const threshold = Math.max(LEAST_ENERGY, this.floor * OVER_FLOOR);
    const isSpeech = this.#smoothed > threshold && energy > threshold / 2;
    this.run = isSpeech ? this.run + 1 : 0;
    const isSure = this.run >= 10;
    this.rest = isSure ? 0 : this.rest + 1;
    this.heard ||= isSure;
    return isSpeech ? 0.95 : 0.05;
  }
}

const vendor: VendorManifest = { id: 'energia', title: 'Energia', specVersion: 1, region: 'local' };

const settings = Type.Object({ rigor: Type.Integer({ minimum: 0, maximum: 3, default: 2, title: 'Rigor' }) });

/** The reference, or an animal. */
export function vadWith(defects: Defects = {}): VadSubject {
  const provider: ProviderManifest<'vad'> = {
    kind: 'vad',
    vendor: vendor.id,
    id: 'energia',
    title: 'Energia',
    settings: defects.settings ?? settings,
    models: ['e1'],
    capabilities: defects.capabilities ?? { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } },
    create(_credential, _settings, ctx) {
      defects.create?.(ctx);
      return new EnergyVad(defects, ctx);
    },
    ...defects.manifest,
  };
  return { vendor: { ...vendor, ...defects.vendor }, provider, recording: spoken(), quietMs: 30 };
}

let recording: VadSubject['recording'] | undefined;

/** Four stretches of a buzzing voice in a quiet room. */
function spoken(): VadSubject['recording'] {
  if (recording) return recording;
  const totalMs = SPANS * (SPAN_MS + PAUSE_MS) + PAUSE_MS;
  const pcm = scaled(pinkNoise((totalMs * RATE) / 1000, seededRandom(1)), 0.004);
  const speech = Array.from({ length: SPANS }, (_, i) => {
    const startMs = PAUSE_MS + i * (SPAN_MS + PAUSE_MS);
    return { startMs, endMs: startMs + SPAN_MS };
  });
  for (const { startMs, endMs } of speech) {
    for (let i = startMs * 16; i < endMs * 16; i++) pcm[i] = (pcm[i] as number) + voice(i / RATE);
  }
  recording = { audio: { pcm: Int16Array.from(pcm, (value) => value * 32767), sampleRateHz: RATE }, speech };
  return recording;
}

function voice(second: number): number {
  let sum = 0;
  for (let harmonic = 1; harmonic <= 20; harmonic++)
    sum += Math.sin(2 * Math.PI * 140 * harmonic * second + harmonic ** 2);
  return sum * 0.04 * (0.8 + 0.2 * Math.sin(2 * Math.PI * 4 * second));
}
