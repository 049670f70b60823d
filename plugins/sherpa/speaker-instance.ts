import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  type Speaker,
} from '../../core/contracts/index.ts';
import { type SpeakerSettings, speakerSchema, TITLE } from './config.ts';
import { Engine } from './engine.ts';
import { listed, modelError, openModelFolder } from './folder.ts';
import { onnxMetadata } from './onnx-metadata.ts';
import { MIN_MS } from './speaker.ts';

const SAMPLE_RATE_HZ = 16_000;

/** Longer audio says no more about who speaks. */
const MAX_SECONDS = 60;

class SherpaSpeaker implements Speaker {
  readonly #engine: Engine<'embed'>;
  readonly dimensions: number;

  constructor(engine: Engine<'embed'>) {
    this.#engine = engine;
    this.dimensions = engine.info.dimensions;
  }

  async embed(audio: Audio, signal: AbortSignal): Promise<Float32Array> {
    if (audio.sampleRateHz !== SAMPLE_RATE_HZ) {
      throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só áudio a 16 kHz` });
    }
    if (audio.pcm.length < (MIN_MS * SAMPLE_RATE_HZ) / 1000) throw tooShort();
    const pcm = audio.pcm.subarray(0, MAX_SECONDS * SAMPLE_RATE_HZ);
    const { vector } = await this.#engine.run({ pcm, sampleRateHz: SAMPLE_RATE_HZ }, signal);
    if (vector.length !== this.dimensions) throw tooShort();
    if (!vector.every(Number.isFinite)) {
      throw new ProviderError({ code: 'output', message: `${TITLE}: o modelo de voz respondeu com valores inválidos` });
    }
    return vector;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function tooShort(): ProviderError {
  return new ProviderError({ code: 'empty', message: `${TITLE}: áudio curto demais para reconhecer uma voz` });
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(_credential: unknown, given: unknown, ctx: ProviderContext): Promise<SherpaSpeaker> {
  const settings: SpeakerSettings = parseConfig(speakerSchema, given);
  const { threads, maxJobs } = settings;
  const file = await modelFile(settings);
  const metadata = await onnxMetadata(file);
  // The native library reads a zero rate out of a missing one and ends its process much later.
  if (!metadata.has('framework')) throw modelError(`${file} não é um modelo de voz (falantes) para o sherpa-onnx`);
  const model = { file, threads };
  return new SherpaSpeaker(await Engine.start({ task: 'embed', model, label: `em ${file}`, maxJobs, ctx }));
}

/** The one `.onnx` of the model's folder, or the file the operator names. */
async function modelFile({ model, modelFile, modelsDir, dataDir }: SpeakerSettings): Promise<string> {
  const variables = { nameVariable: 'SHERPA_SPEAKER_MODEL', pathVariable: 'SHERPA_SPEAKER_FILE' };
  if (modelFile !== '') {
    const isFile = await stat(resolve(modelFile)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile)
      throw modelError(`não há arquivo de modelo em ${dirname(resolve(modelFile))}; confira SHERPA_SPEAKER_FILE`);
    return resolve(modelFile);
  }
  const folder = await openModelFolder({ name: model, path: '', modelsDir, dataDir, ...variables });
  const [file, second] = folder.files.filter((name) => name.endsWith('.onnx'));
  if (file === undefined || second !== undefined) {
    throw modelError(`esperado um só arquivo .onnx em ${listed(folder)}; diga qual com SHERPA_SPEAKER_FILE`);
  }
  return join(folder.path, file);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(_credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(_credential, settings, ctx)).close();
}
