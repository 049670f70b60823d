import type OpenAI from 'openai';
import {
  type Audio,
  type ProviderError,
  parseWire,
  type Stt,
  type SttCapabilities,
  type SttOptions,
  type Transcript,
  wavFile,
} from '../../core/contracts/index.ts';
import { type ClientGiven, createClient, type ReadError } from './client.ts';
import { readAudioUsage, readTranscription, transcriptionSchema } from './transcription-wire.ts';

type Body = OpenAI.Audio.TranscriptionCreateParamsNonStreaming;

/** What a transcription model takes and gives; see {@link traitsOf}. */
export interface TranscriptionTraits {
  format: 'json' | 'verbose_json' | 'diarized_json';
  /** `languages[]` is what the newest models take instead of `language`. */
  language: 'language' | 'languages';
  /** Where key terms go: a field of their own, or the text that precedes the audio. */
  terms: 'keywords' | 'prompt' | 'none';
  logprobs: boolean;
  billedBy: 'second' | 'token';
}

export interface TranscriptionOptions extends ClientGiven {
  title: string;
  model: string;
  traits: TranscriptionTraits;
  error: ReadError;
}

const WHISPER: TranscriptionTraits = {
  format: 'verbose_json',
  language: 'language',
  terms: 'prompt',
  logprobs: false,
  billedBy: 'second',
};
const GPT_TRANSCRIBE: TranscriptionTraits = { ...WHISPER, format: 'json', language: 'languages', terms: 'keywords' };
const GPT_4O: TranscriptionTraits = { ...WHISPER, format: 'json', logprobs: true, billedBy: 'token' };
const DIARIZE: TranscriptionTraits = { ...GPT_4O, format: 'diarized_json', terms: 'none', logprobs: false };

/** A prompt holds 224 tokens of this model; Portuguese takes about three letters a token. */
const PROMPT_CHARS = 600;
const PREVIOUS_CHARS = 200;

/** By the model's name; a name nobody knows is taken for a Whisper, which is what compatible servers run. */
export function traitsOf(model: string): TranscriptionTraits {
  if (/transcribe-diarize/.test(model)) return DIARIZE;
  if (/^gpt-4o.*-transcribe/.test(model)) return GPT_4O;
  if (/^gpt-.*transcribe/.test(model)) return GPT_TRANSCRIBE;
  return WHISPER;
}

/** Longest audio of one upload: 25 MB at the highest of {@link UPLOAD_RATES}, with room for the form around it. */
const UPLOAD_SECONDS = 500;
const UPLOAD_RATES = [16_000, 8000, 24_000];

/** Limits of key terms. The vendor states no number for `keywords`; ours keeps the request small. A prompt is short by itself. */
const KEYTERMS = { keywords: { max: 100, maxChars: 60 }, prompt: { max: 30, maxChars: 40 }, none: undefined };

/** What an upload of whole utterances can do. */
export function uploadCapabilities(
  traits: TranscriptionTraits,
  place: { region: string; maxConcurrent: number },
): SttCapabilities {
  const limit = KEYTERMS[traits.terms];
  return {
    streaming: false,
    interim: false,
    words: traits.format === 'verbose_json',
    diarization: traits.format === 'diarized_json',
    ...(limit ? { keyterms: limit } : {}),
    languages: ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh'],
    sampleRates: UPLOAD_RATES,
    maxSeconds: UPLOAD_SECONDS,
    minMs: 100,
    endpointing: 'off',
    finalize: 'none',
    chunkMs: { min: 20, max: 1000 },
    pushRate: 'fast',
    idle: 'close',
    billing: 'audio',
    maxSessionMs: 0,
    ...place,
  };
}

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
