import {
  type ProviderContext,
  ProviderError,
  parseConfig,
  type Tts,
  type TtsEvent,
  type TtsRequest,
} from '../../core/contracts/index.ts';
import { Engine } from '../sherpa/engine.ts';
import { openModelFolder } from '../sherpa/folder.ts';
import { type PiperSettings, settingsSchema, TITLE } from './config.ts';
import { languageOf, MAX_CHARS, SAMPLE_RATES } from './tts.ts';
import { voiceFiles } from './voice.ts';

/** One voice, in a process of its own. Speaks sentence by sentence, so that the first is heard while the second is made. */
class PiperTts implements Tts {
  readonly #engine: Engine<'speak'>;
  readonly #settings: PiperSettings;

  constructor(engine: Engine<'speak'>, settings: PiperSettings) {
    this.#engine = engine;
    this.#settings = settings;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    const speaker = this.#speakerOf(request);
    refuseUnfit(request, languageOf(this.#settings.model));
    const { sampleRateHz } = request;
    let samples = 0;
    for (const text of sentencesOf(request.text)) {
      yield { type: 'mark', text, startMs: Math.round((samples / sampleRateHz) * 1000) };
      const { pcm } = await this.#engine.run({ text, speaker, speed: this.#settings.speed, sampleRateHz }, signal);
      samples += pcm.length;
      yield { type: 'audio', bytes: new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength) };
    }
    const usage = { unit: 'character' as const, quantity: request.text.length, of: 'text_in' as const };
    yield { type: 'usage', usage: [{ ...usage, model: this.#settings.model }] };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  /** A number chooses among the speakers of the voice; empty or the voice's own name is the first. */
  #speakerOf({ voice }: TtsRequest): number {
    if (voice === '' || voice === this.#settings.model) return 0;
    const speaker = /^\d{1,4}$/.test(voice) ? Number(voice) : -1;
    if (speaker >= 0 && speaker < this.#engine.info.speakers) return speaker;
    throw new ProviderError({
      code: 'unsupported',
      message: `${TITLE}: a voz pedida não é a configurada (PIPER_VOICE)`,
    });
  }
}

function refuseUnfit({ text, encoding, sampleRateHz, language }: TtsRequest, spoken: string): void {
  const core = { code: 'unsupported', blame: 'core' } as const;
  if (encoding !== 'pcm_s16le') throw new ProviderError({ ...core, message: `${TITLE}: só PCM de 16 bits` });
  if (!SAMPLE_RATES.includes(sampleRateHz)) {
    throw new ProviderError({ ...core, message: `${TITLE}: taxa de amostragem não suportada` });
  }
  if (new Intl.Locale(language).language !== new Intl.Locale(spoken).language) {
    throw new ProviderError({ code: 'unsupported', message: `${TITLE}: a voz configurada fala ${spoken}` });
  }
  if (text.length > MAX_CHARS) {
    const message = `${TITLE}: no máximo ${MAX_CHARS} letras por pedido`;
    throw new ProviderError({ code: 'invalid_request', blame: 'caller', message });
  }
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: nenhum texto a falar` });
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?…])\s+|\n+/).flatMap((sentence) => sentence.trim() || []);
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(_credential: unknown, given: unknown, ctx: ProviderContext): Promise<PiperTts> {
  const settings = parseConfig(settingsSchema, given);
  const { model: name, voiceDir: path, modelsDir, dataDir, threads, maxJobs } = settings;
  const variables = { nameVariable: 'PIPER_VOICE', pathVariable: 'PIPER_VOICE_DIR' };
  const folder = await openModelFolder({ name, path, modelsDir, dataDir, ...variables });
  const voice = await voiceFiles(folder);
  const model = { voice, threads };
  const engine = await Engine.start({ task: 'speak', model, label: `em ${folder.path}`, maxJobs, ctx });
  return new PiperTts(engine, settings);
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(_credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(_credential, settings, ctx)).close();
}
