import { type Cleaner, type CleanerStream, type ProviderManifest, parseConfig } from 'balto/contracts';
import { settingsSchema, vendor } from './cleaner-config.ts';

const RATE_HZ = 16_000;
/** 16 ms. */
const FRAME = 256;
/** The noise is what the quietest frame was; its power may rise so much from one frame to the next. */
const RISE = 1.01;
/** Power over the noise's at which a frame is speech: 9 dB. */
const SPEECH = 8;
/** Frames that are still let through after a loud one. */
const HANG_OVER = 20;
/** Share of the way to the new gain that a sample goes: 2 ms, so that nobody hears a step. */
const GLIDE = 0.03;

/** The simplest cleaner there is: it turns the room down while nobody speaks. Replace `#gainFor()` with the real one. */
class AcmeCleaner implements Cleaner {
  readonly sampleRateHz = RATE_HZ;
  readonly frameSamples = FRAME;
  readonly delaySamples = 0;
  readonly #floor: number;

  constructor(floor: number) {
    this.#floor = floor;
  }

  open(): CleanerStream {
    return new AcmeStream(this.#floor);
  }
}

class AcmeStream implements CleanerStream {
  readonly #floor: number;
  #noise = Number.POSITIVE_INFINITY;
  #hangOver = 0;
  #gain = 1;

  constructor(floor: number) {
    this.#floor = floor;
  }

  /** Nothing is allocated here: it runs 62 times a second for every counter. */
  process(input: Float32Array, output: Float32Array): void {
    const wanted = this.#gainFor(input);
    let gain = this.#gain;
    for (let i = 0; i < FRAME; i++) {
      gain += (wanted - gain) * GLIDE;
      output[i] = (input[i] as number) * gain;
    }
    this.#gain = gain;
  }

  reset(): void {
    this.#noise = Number.POSITIVE_INFINITY;
    this.#hangOver = 0;
    this.#gain = 1;
  }

  close(): void {
    this.reset();
  }

  #gainFor(frame: Float32Array): number {
    const power = powerOf(frame);
    this.#noise = Math.min(power, this.#noise * RISE);
    this.#hangOver = power > this.#noise * SPEECH ? HANG_OVER : Math.max(0, this.#hangOver - 1);
    return this.#hangOver > 0 ? 1 : this.#floor;
  }
}

/** `cleaner/acme`. */
export const acmeCleaner: ProviderManifest<'cleaner'> = {
  kind: 'cleaner',
  vendor: 'acme',
  id: 'acme',
  title: vendor.title,
  settings: settingsSchema,
  models: ['porta'],
  capabilities: { noise: 'stationary' },
  create: (_credential, settings) => new AcmeCleaner(parseConfig(settingsSchema, settings).floor),
};

function powerOf(frame: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < FRAME; i++) sum += (frame[i] as number) ** 2;
  return sum / FRAME;
}
