import type OpenAI from 'openai';
import {
  type Audio,
  type ProviderError,
  parseWire,
  type Stt,
  type SttOptions,
  type Transcript,
  wavFile,
} from '../../core/contracts/index.ts';
import { type ClientGiven, createClient, type ReadError } from './client.ts';
import { KEYTERMS, type TranscriptionTraits } from './traits.ts';
import { readAudioUsage, readTranscription, transcriptionSchema } from './transcription-wire.ts';

type Body = OpenAI.Audio.TranscriptionCreateParamsNonStreaming;

export interface TranscriptionOptions extends ClientGiven {
  title: string;
  model: string;
  traits: TranscriptionTraits;
  error: ReadError;
}

/** A prompt holds 224 tokens of this model; Portuguese takes about three letters a token. */
const PROMPT_CHARS = 600;
const PREVIOUS_CHARS = 200;

/** One upload per utterance, as WAV, through the `openai` SDK. */
export class CompatibleTranscription implements Stt {
  readonly #client: OpenAI;
  readonly #options: TranscriptionOptions;

  static async create(options: TranscriptionOptions): Promise<CompatibleTranscription> {
    return new CompatibleTranscription(await createClient(options), options);
  }

  private constructor(client: OpenAI, options: TranscriptionOptions) {
    this.#client = client;
    this.#options = options;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const { title, model, traits } = this.#options;
    const answer = await this.#attempt(signal, () =>
      this.#client.audio.transcriptions.create(this.#body(audio, options), { signal }).withResponse(),
    );
    if (signal.aborted) throw this.#error(undefined, signal);
    const heard = parseWire(title, transcriptionSchema, answer.data);
    const requestId = answer.request_id ?? heard.x_groq?.id ?? undefined;
    const seconds = audio.pcm.length / audio.sampleRateHz;
    return {
      ...readTranscription(heard, options.language),
      model,
      ...(requestId === undefined ? {} : { requestId }),
      usage: readAudioUsage(heard, model, traits.billedBy, seconds),
    };
  }

  /** Names of the server's models: no audio, no cost. */
  async models(signal: AbortSignal): Promise<string[]> {
    const page = await this.#attempt(signal, () => this.#client.models.list({ signal }));
    return modelNames(page);
  }

  #body(audio: Audio, options: SttOptions): Body {
    const { model, traits } = this.#options;
    const language = new Intl.Locale(options.language).language;
    const terms = termsOf(traits, options);
    const keywords = traits.terms === 'keywords' ? terms : [];
    const prompt = promptOf(traits, traits.terms === 'prompt' ? terms : [], options.previousText);
    return {
      file: new File([wavFile(audio)], 'audio.wav', { type: 'audio/wav' }),
      model,
      response_format: traits.format,
      ...(traits.language === 'languages' ? { languages: [language] } : { language }),
      ...(traits.format === 'verbose_json' ? { timestamp_granularities: ['word', 'segment'] } : {}),
      ...(traits.format === 'diarized_json' ? { chunking_strategy: 'auto' } : {}),
      ...(traits.logprobs ? { include: ['logprobs'] } : {}),
      ...(keywords.length > 0 ? { keywords } : {}),
      ...(prompt === '' ? {} : { prompt }),
    };
  }

  async #attempt<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.#error(error, signal);
    }
  }

  #error(error: unknown, signal: AbortSignal): ProviderError {
    return this.#options.error(error, signal, this.#options.apiKey ?? '');
  }
}

/** Ids of a list of models, as far as the answer is one. */
export function modelNames(page: unknown): string[] {
  const { data } = (page ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) return [];
  return data.map((each: unknown) => (each as { id?: unknown } | null)?.id).filter((id) => typeof id === 'string');
}

/** Key terms within the limits of {@link uploadCapabilities}. */
export function termsOf({ terms }: TranscriptionTraits, { keyterms = [] }: SttOptions): string[] {
  const { max, maxChars } = KEYTERMS[terms] ?? { max: 0, maxChars: 0 };
  return keyterms.filter((term) => term.length <= maxChars).slice(0, max);
}

/** Whole terms as far as they fit, then the end of what was said before: the model keeps what is nearest to the audio. */
function promptOf({ format }: TranscriptionTraits, terms: readonly string[], previousText = ''): string {
  if (format === 'diarized_json') return '';
  const previous = previousText.slice(-PREVIOUS_CHARS).trim();
  let listed = '';
  for (const term of terms) {
    const longer = listed === '' ? term : `${listed}, ${term}`;
    if (longer.length > PROMPT_CHARS - previous.length) break;
    listed = longer;
  }
  return [listed === '' ? '' : `${listed}.`, previous].filter((part) => part !== '').join(' ');
}
