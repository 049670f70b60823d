import Type from 'typebox';
import {
  type Audio,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  type Speaker,
  type VendorManifest,
} from '../../../core/contracts/index.ts';
import type { SpeakerSubject } from '../../../core/kit/index.ts';

const RATE = 16_000;
const MIN_MS = 500;
/** Lags, in samples, at which a voice is compared with itself: pitch and timbre. */
const LAGS = Array.from({ length: 40 }, (_, i) => 8 + i * 4);

const vendor: VendorManifest = { id: 'eco', title: 'Eco', specVersion: 1, region: 'local' };
const settings = Type.Object({ rigor: Type.Integer({ minimum: 0, maximum: 3, default: 2, title: 'Rigor' }) });

/** Where an animal departs from the reference. */
export interface Defects {
  vendor?: Partial<VendorManifest>;
  manifest?: Partial<ProviderManifest<'speaker'>>;
  create?(ctx: ProviderContext): void;
  speaker?(right: Speaker, ctx: ProviderContext): Partial<Speaker>;
}

/** Tells voices by how they repeat themselves; right on {@link voices}, and cheap. */
export function speakerWith(defects: Defects = {}): SpeakerSubject {
  const provider: ProviderManifest<'speaker'> = {
    kind: 'speaker',
    vendor: vendor.id,
    id: 'eco',
    title: 'Eco',
    settings,
    models: ['e1'],
    capabilities: { dimensions: LAGS.length, minMs: MIN_MS },
    create(_credential, _settings, ctx) {
      defects.create?.(ctx);
      const right: Speaker = { dimensions: LAGS.length, embed, close: async () => undefined };
      return { ...right, ...defects.speaker?.(right, ctx) };
    },
    ...defects.manifest,
  };
  return { vendor: { ...vendor, ...defects.vendor }, provider, voices };
}

async function embed({ pcm, sampleRateHz }: Audio, signal: AbortSignal): Promise<Float32Array> {
  if (signal.aborted) throw new ProviderError({ code: 'aborted', message: 'cancelado' });
  if (pcm.length < (MIN_MS * sampleRateHz) / 1000) throw new ProviderError({ code: 'empty', message: 'curto demais' });
  return Float32Array.from(LAGS, (lag) => {
    let [product, energy] = [0, 0];
    for (let i = lag; i < Math.min(pcm.length, RATE); i++) {
      product += (pcm[i] as number) * (pcm[i - lag] as number);
      energy += (pcm[i] as number) ** 2;
    }
    return product / energy;
  });
}

/** Two people, three clips of each: a low buzz and a high one, a little higher and lower from clip to clip. */
const voices = [110, 205].map((hz) => [0.98, 1, 1.02].map((turn) => buzz(hz * turn)));

function buzz(hz: number): Audio {
  const pcm = new Int16Array(1.6 * RATE);
  for (let i = 0; i < pcm.length; i++) {
    let sum = 0;
    for (let k = 1; k <= 8; k++) sum += Math.sin((2 * Math.PI * hz * k * i) / RATE + k) / k;
    pcm[i] = sum * 5000;
  }
  return { pcm, sampleRateHz: RATE };
}
