import {
  type Audio,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  type Stt,
  type SttOptions,
  type Transcript,
} from '../../core/contracts/index.ts';
import { STT_MODEL, type SttSettings, sttSchema, TITLE } from './config.ts';
import { Engine } from './engine.ts';
import { openModelFolder } from './folder.ts';
import { type SttLayout, sttLayout } from './layout.ts';
import { wordsOf } from './words.ts';

const SAMPLE_RATE_HZ = 16_000;
/** Whisper hears windows of 30 s, and the library cuts what is longer without a word. */
const MAX_SECONDS = 28;
/** Languages a request may ask for: the library ends its process at a code it does not know. */
const LANGUAGES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ru', 'ja', 'ko', 'zh'];

/** One model folder, in a process of its own. */
class SherpaStt implements Stt {
  readonly #engine: Engine<'transcribe'>;
  readonly #family: SttLayout['family'];
  readonly #model: string;

  constructor(engine: Engine<'transcribe'>, family: SttLayout['family'], model: string) {
    this.#engine = engine;
    this.#family = family;
    this.#model = model;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const language = new Intl.Locale(options.language).language;
    const seconds = audio.pcm.length / audio.sampleRateHz;
    refuseUnfit(audio, language, seconds);
    const usage = [{ unit: 'second' as const, quantity: seconds, of: 'audio_in' as const, model: this.#model }];
    if (audio.pcm.length === 0) return { text: '', model: this.#model, usage };
    const heard = await this.#engine.run({ ...audio, language }, signal);
    const words = wordsOf(heard, seconds * 1000);
    const said = heard.language.replaceAll(/[<>|]/g, '') || (this.#family === 'whisper' ? language : '');
    return {
      text: heard.text.trim(),
      model: this.#model,
      ...(words === undefined ? {} : { words }),
      ...(said === '' ? {} : { language: said }),
      usage,
    };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function refuseUnfit(audio: Audio, language: string, seconds: number): void {
  if (audio.sampleRateHz !== SAMPLE_RATE_HZ) {
    throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: só áudio a 16 kHz` });
  }
  if (seconds > MAX_SECONDS) {
    throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: no máximo ${MAX_SECONDS} s` });
  }
  if (!LANGUAGES.includes(language)) {
    throw new ProviderError({ code: 'unsupported', message: `${TITLE}: idioma não suportado` });
  }
}

/** `stt/sherpa`: whatever offline model the operator has put in a folder. */
export const sherpaStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'sherpa',
  id: 'sherpa',
  title: 'sherpa-onnx (nesta máquina)',
  settings: sttSchema,
  aliases: ['whisper_local'],
  models: [STT_MODEL],
  capabilities(given) {
    const settings = parseConfig(sttSchema, given);
    return {
      streaming: false,
      interim: false,
      // Transducer and CTC models give them, Whisper does not; what the folder holds is known only when it is loaded.
      words: false,
      diarization: false,
      languages: LANGUAGES,
      sampleRates: [SAMPLE_RATE_HZ],
      maxSeconds: MAX_SECONDS,
      minMs: 300,
      region: 'local',
      endpointing: 'off',
      finalize: 'none',
      chunkMs: { min: 20, max: 1000 },
      pushRate: 'fast',
      idle: 'close',
      billing: 'audio',
      maxSessionMs: 0,
      maxConcurrent: settings.maxJobs,
    };
  },
  create: (_credential, settings, ctx) => create(settings, ctx),
  async probe(_credential, settings, ctx) {
    await (await create(settings, ctx)).close();
  },
};

async function create(given: unknown, ctx: ProviderContext): Promise<SherpaStt> {
  const settings: SttSettings = parseConfig(sttSchema, given);
  const { model, modelDir, modelsDir, dataDir, threads, maxJobs } = settings;
  const folder = await openModelFolder({
    name: model,
    path: modelDir,
    modelsDir,
    dataDir,
    nameVariable: 'SHERPA_MODEL',
    pathVariable: 'SHERPA_MODEL_DIR',
  });
  const layout = await sttLayout(folder);
  const engine = await Engine.start({
    task: 'transcribe',
    model: { model: layout.model, language: 'pt', threads },
    label: `em ${folder.path}`,
    maxJobs,
    ctx,
  });
  return new SherpaStt(engine, layout.family, model);
}
