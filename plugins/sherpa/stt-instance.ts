import {
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  type Stt,
  type SttOptions,
  type Transcript,
} from '../../core/contracts/index.ts';
import { type SttSettings, sttSchema, TITLE } from './config.ts';
import { Engine } from './engine.ts';
import { openModelFolder } from './folder.ts';
import { type SttLayout, sttLayout } from './layout.ts';
import { LANGUAGES, MAX_SECONDS, SAMPLE_RATE_HZ } from './stt.ts';
import { wordsOf } from './words.ts';

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

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(_credential: unknown, given: unknown, ctx: ProviderContext): Promise<SherpaStt> {
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

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(_credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(_credential, settings, ctx)).close();
}
