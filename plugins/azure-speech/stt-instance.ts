import {
  type Audio,
  type ProviderContext,
  ProviderError,
  parseConfig,
  parseWire,
  requestJson,
  type Stt,
  type SttOptions,
  type Transcript,
  type Word,
  wavFile,
} from '../../core/contracts/index.ts';
import { credentialSchema, STT_MODEL, type SttSettings, sttSettings, sttUrl, TITLE } from './config.ts';
import { refusal, requestId } from './errors.ts';
import { LOCALES, MAX_PHRASE_CHARS, MAX_PHRASES } from './stt.ts';
import { localesSchema, type TranscribeResult, transcribeResultSchema } from './wire.ts';

/** A hint, not a bound: a counter has a client, an attendant and whoever comes by. */
const MAX_SPEAKERS = 4;

/** Fast transcription: one multipart POST per utterance, answered with phrases, words and times. */
class AzureSpeechStt implements Stt {
  readonly #apiKey: string;
  readonly #settings: SttSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: SttSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript> {
    const form = new FormData();
    form.append('audio', new Blob([wavFile(audio)], { type: 'audio/wav' }), 'audio.wav');
    form.append('definition', JSON.stringify(definitionOf(options)));
    const { body, headers } = await this.#request('transcriptions:transcribe', { method: 'POST', body: form }, signal);
    const answer = parseWire(TITLE, transcribeResultSchema, body);
    const id = requestId(headers);
    return {
      ...readTranscript(answer, options),
      model: STT_MODEL,
      ...(id === undefined ? {} : { requestId: id }),
      usage: [{ unit: 'second', quantity: answer.durationMilliseconds / 1000, of: 'audio_in', model: STT_MODEL }],
    };
  }

  /** The list of languages: proves key, region and version of the API. */
  async probe(signal: AbortSignal): Promise<void> {
    const { body } = await this.#request('transcriptions/locales', {}, signal);
    parseWire(TITLE, localesSchema, body);
  }

  #request(path: string, init: RequestInit, signal: AbortSignal) {
    return requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${sttUrl(this.#settings)}/speechtotext/${path}?api-version=${this.#settings.apiVersion}`,
      init: { ...init, headers: { 'ocp-apim-subscription-key': this.#apiKey } },
      signal,
      refuse: (response, body) => refusal(response, body, this.#apiKey),
    });
  }
}

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, settings: unknown, ctx: ProviderContext): AzureSpeechStt {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AzureSpeechStt(apiKey, parseConfig(sttSettings, settings), ctx);
}

/** `profanityFilterMode` is stated because the vendor's default puts asterisks into what the customer said. */
function definitionOf({ language, keyterms = [], diarize }: SttOptions): Record<string, unknown> {
  if (!LOCALES.includes(language)) {
    throw new ProviderError({ code: 'unsupported', message: `${TITLE}: língua sem transcrição rápida` });
  }
  const phrases = keyterms.filter((term) => term.length <= MAX_PHRASE_CHARS).slice(0, MAX_PHRASES);
  return {
    locales: [language],
    profanityFilterMode: 'None',
    ...(phrases.length > 0 ? { phraseList: { phrases } } : {}),
    ...(diarize === true ? { diarization: { enabled: true, maxSpeakers: MAX_SPEAKERS } } : {}),
  };
}

function readTranscript(answer: TranscribeResult, options: SttOptions): Omit<Transcript, 'model'> {
  const { phrases } = answer;
  const confidence = meanConfidence(phrases);
  const language = phrases.find((phrase) => phrase.locale)?.locale ?? options.language;
  return {
    text: answer.combinedPhrases
      .map(({ text }) => text.trim())
      .join(' ')
      .trim(),
    words: phrases.flatMap(readWords),
    language,
    ...(confidence === undefined ? {} : { confidence }),
    ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
  };
}

/** The vendor scores phrases, not words: each counts as long as it lasts. */
function meanConfidence(phrases: TranscribeResult['phrases']): number | undefined {
  let weight = 0;
  let sum = 0;
  for (const { confidence, durationMilliseconds } of phrases) {
    if (typeof confidence !== 'number') continue;
    const length = Math.max(1, durationMilliseconds);
    weight += length;
    sum += Math.min(1, Math.max(0, confidence)) * length;
  }
  return weight > 0 ? sum / weight : undefined;
}

function readWords({ words, speaker }: TranscribeResult['phrases'][number]): Word[] {
  return (words ?? []).map(({ text, offsetMilliseconds, durationMilliseconds }) => ({
    text,
    startMs: Math.round(offsetMilliseconds),
    endMs: Math.round(offsetMilliseconds + Math.max(0, durationMilliseconds)),
    ...(typeof speaker === 'number' ? { speaker: String(speaker) } : {}),
  }));
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
