import {
  type Audio,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  type Speaker,
} from '../../core/contracts/index.ts';
import { MODEL, settingsSchema, TITLE, vendor } from './config.ts';
import { DIMENSIONS, voiceprintOf } from './voiceprint.ts';

const RATE_HZ = 16_000;
const MIN_MS = 800;
/** Longer audio says no more about who speaks. */
const MAX_SECONDS = 60;

/** What a voice sounds like, measured without any model: a hint at who speaks, never a proof. */
class AcousticSpeaker implements Speaker {
  readonly dimensions = DIMENSIONS;
  readonly #quietestDb: number;

  constructor(quietestDb: number) {
    this.#quietestDb = quietestDb;
  }

  async embed({ pcm, sampleRateHz }: Audio, signal: AbortSignal): Promise<Float32Array> {
    if (signal.aborted) throw aborted();
    if (sampleRateHz !== RATE_HZ) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só áudio a 16 kHz` });
    }
    if (pcm.length < (MIN_MS * RATE_HZ) / 1000) throw tooShort();
    // A copy: it is measured over several turns, and the caller may use its own again meanwhile.
    const vector = await voiceprintOf(pcm.slice(0, MAX_SECONDS * RATE_HZ), this.#quietestDb, signal);
    if (signal.aborted) throw aborted();
    if (!vector) throw tooShort();
    return vector;
  }
}

function aborted(): ProviderError {
  return new ProviderError({ code: 'aborted', message: 'pedido cancelado' });
}

function tooShort(): ProviderError {
  return new ProviderError({ code: 'empty', message: `${TITLE}: voz de menos para medir` });
}

/** `speaker/acoustic-voice`. */
export const acousticSpeaker: ProviderManifest<'speaker'> = {
  kind: 'speaker',
  vendor: vendor.id,
  id: 'acoustic-voice',
  title: TITLE,
  settings: settingsSchema,
  models: [MODEL],
  capabilities: { dimensions: DIMENSIONS, minMs: MIN_MS, hint: true },
  create: (_credential, settings) => new AcousticSpeaker(parseConfig(settingsSchema, settings).quietestDb),
};
