import { type Audio, ProviderError, type ProviderManifest, parseConfig, type Speaker } from 'balto/contracts';
import { settingsSchema, vendor } from './speaker-config.ts';

const RATE_HZ = 16_000;
/** 32 ms. */
const FRAME = 512;
const MIN_MS = 500;
/** Bands of the spectrum, evenly spaced in pitch: a vector is how strong each of them is. */
const BANDS = Array.from({ length: 32 }, (_, i) => 120 * 1.13 ** i);

/** The simplest likeness of voices there is: the shape of their spectrum. Replace `spectrumOf()` with a real model. */
class AcmeSpeaker implements Speaker {
  readonly dimensions = BANDS.length;
  readonly #quietest: number;

  constructor(quietestDb: number) {
    this.#quietest = 10 ** (quietestDb / 10);
  }

  async embed({ pcm, sampleRateHz }: Audio, signal: AbortSignal): Promise<Float32Array> {
    if (signal.aborted) throw new ProviderError({ code: 'aborted', message: 'pedido cancelado' });
    if (sampleRateHz !== RATE_HZ) {
      const message = `${vendor.title}: não há ${sampleRateHz} Hz`;
      throw new ProviderError({ code: 'unsupported', blame: 'core', message });
    }
    if (pcm.length < (MIN_MS * RATE_HZ) / 1000) {
      throw new ProviderError({ code: 'empty', message: `${vendor.title}: menos de ${MIN_MS} ms de voz` });
    }
    return spectrumOf(pcm, this.#quietest);
  }
}

/** `speaker/acme`. */
export const acmeSpeaker: ProviderManifest<'speaker'> = {
  kind: 'speaker',
  vendor: 'acme',
  id: 'acme',
  title: vendor.title,
  settings: settingsSchema,
  models: ['espectro'],
  capabilities: { dimensions: BANDS.length, minMs: MIN_MS },
  create: (_credential, settings) => new AcmeSpeaker(parseConfig(settingsSchema, settings).quietestDb),
};

/** Mean level of each band over the frames that are loud enough, less the mean of all: how loud it was does not matter. */
function spectrumOf(pcm: Int16Array, quietest: number): Float32Array {
  const sums = new Float64Array(BANDS.length);
  let frames = 0;
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    const frame = Float64Array.from(pcm.subarray(at, at + FRAME), (value) => value / 32_768);
    if (frame.reduce((sum, value) => sum + value * value, 0) / FRAME < quietest) continue;
    frames++;
    for (const [band, hz] of BANDS.entries()) sums[band] = (sums[band] ?? 0) + Math.log(powerAt(frame, hz) + 1e-9);
  }
  if (frames === 0) throw new ProviderError({ code: 'empty', message: `${vendor.title}: não há voz no trecho` });
  const mean = sums.reduce((sum, value) => sum + value, 0) / BANDS.length;
  return Float32Array.from(sums, (value) => (value - mean) / frames);
}

/** Power of one frequency (Goertzel). */
function powerAt(frame: Float64Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE_HZ);
  let [before, last] = [0, 0];
  for (const value of frame) [before, last] = [last, value + turn * last - before];
  return (last * last + before * before - turn * last * before) / frame.length;
}
