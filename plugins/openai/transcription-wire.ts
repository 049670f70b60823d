import Type, { type Static, type TSchema } from 'typebox';
import type { Transcript, Usage, Word } from '../../core/contracts/index.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/**
 * `POST /audio/transcriptions`, the fields Balto reads of `json`, `verbose_json` and `diarized_json`. Times in seconds.
 */
export const transcriptionSchema = Type.Object({
  text: Type.String(),
  /** `verbose_json`: the language's English name. */
  language: nullable(Type.String()),
  languages: nullable(Type.Array(Type.Object({ code: Type.String() }))),
  duration: nullable(Type.Number()),
  words: nullable(Type.Array(Type.Object({ word: Type.String(), start: Type.Number(), end: Type.Number() }))),
  segments: nullable(
    Type.Array(
      Type.Object({
        start: Type.Number(),
        end: Type.Number(),
        text: Type.String(),
        speaker: nullable(Type.String()),
        avg_logprob: nullable(Type.Number()),
        no_speech_prob: nullable(Type.Number()),
      }),
    ),
  ),
  logprobs: nullable(Type.Array(Type.Object({ logprob: nullable(Type.Number()) }))),
  usage: nullable(
    Type.Object({
      type: nullable(Type.String()),
      seconds: nullable(Type.Number()),
      input_tokens: nullable(Type.Number()),
      output_tokens: nullable(Type.Number()),
      input_token_details: nullable(
        Type.Object({ text_tokens: nullable(Type.Number()), audio_tokens: nullable(Type.Number()) }),
      ),
    }),
  ),
  x_groq: nullable(Type.Object({ id: nullable(Type.String()) })),
});

export type Transcription = Static<typeof transcriptionSchema>;
type Segment = NonNullable<Transcription['segments']>[number];

/** What was heard, in the contract's units; `asked` is the language the request named. */
export function readTranscription(answer: Transcription, asked: string): Omit<Transcript, 'model' | 'usage'> {
  const text = answer.text.trim();
  const segments = answer.segments ?? [];
  const words = wordsOf(answer);
  const confidence = text === '' ? undefined : confidenceOf(answer);
  const noSpeech = weighted(segments, (segment) => segment.no_speech_prob);
  const isDiarized = segments.some((segment) => segment.speaker);
  return {
    text,
    language: languageOf(answer) ?? asked,
    ...(words.length > 0 ? { words } : {}),
    ...(confidence === undefined ? {} : { confidence: clamp(confidence) }),
    ...(noSpeech === undefined ? {} : { noSpeechProbability: clamp(noSpeech) }),
    ...(isDiarized ? { speakerScope: 'request' as const } : {}),
  };
}

/** As the model is billed: by the tokens the answer counts, or by the audio's seconds. */
export function readAudioUsage(answer: Transcription, model: string, by: 'second' | 'token', seconds: number): Usage[] {
  const { usage } = answer;
  if (by === 'second' || usage?.type !== 'tokens') {
    const quantity = usage?.seconds ?? answer.duration ?? seconds;
    return [{ unit: 'second', quantity, of: 'audio_in', model }];
  }
  const text = usage.input_token_details?.text_tokens ?? 0;
  const tokens: [Usage['of'], number][] = [
    ['audio_in', Math.max(0, (usage.input_tokens ?? 0) - text)],
    ['text_in', text],
    ['text_out', usage.output_tokens ?? 0],
  ];
  return tokens
    .filter(([, quantity]) => quantity > 0)
    .map(([of, quantity]) => ({ unit: 'token', quantity, of, model }));
}

/** Words where the vendor times them; else, with speakers, one entry per segment: its times are given, its words' are not. */
function wordsOf(answer: Transcription): Word[] {
  if (answer.words?.length) return answer.words.map(({ word, start, end }) => timed(word.trim(), start, end));
  const spoken = (answer.segments ?? []).filter((segment) => segment.speaker);
  return spoken.map(({ text, start, end, speaker }) => ({
    ...timed(text.trim(), start, end),
    ...(speaker ? { speaker } : {}),
  }));
}

function timed(text: string, start: number, end: number): Word {
  const startMs = Math.max(0, Math.round(start * 1000));
  return { text, startMs, endMs: Math.max(startMs, Math.round(end * 1000)) };
}

/** Probability of the average of the tokens listed; nothing where none is. */
export function tokenConfidence(logprobs: { logprob?: number | null }[]): { confidence?: number } {
  const listed = logprobs.map(({ logprob }) => logprob).filter((each) => typeof each === 'number');
  if (listed.length === 0) return {};
  return { confidence: clamp(Math.exp(listed.reduce((sum, each) => sum + each, 0) / listed.length)) };
}

/** Probability of the average token: of the tokens listed, else of the segments, long ones counting for more. */
function confidenceOf({ logprobs, segments }: Transcription): number | undefined {
  const { confidence } = tokenConfidence(logprobs ?? []);
  if (confidence !== undefined) return confidence;
  const mean = weighted(segments ?? [], (segment) => segment.avg_logprob);
  return mean === undefined ? undefined : Math.exp(mean);
}

function weighted(segments: Segment[], read: (segment: Segment) => number | null | undefined): number | undefined {
  let sum = 0;
  let total = 0;
  for (const segment of segments) {
    const value = read(segment);
    const weight = Math.max(segment.end - segment.start, 0.01);
    if (typeof value !== 'number') continue;
    sum += value * weight;
    total += weight;
  }
  return total > 0 ? sum / total : undefined;
}

function languageOf({ language, languages }: Transcription): string | undefined {
  const named = languages?.[0]?.code ?? language ?? undefined;
  if (named === undefined || named === '') return undefined;
  const code = CODES.find((known) => ENGLISH.of(known)?.toLowerCase() === named.toLowerCase()) ?? named;
  try {
    return Intl.getCanonicalLocales(code)[0];
  } catch {
    return undefined; // a name this list does not know: then the answer names none
  }
}

const ENGLISH = new Intl.DisplayNames(['en'], { type: 'language' });
const CODES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl', 'ja', 'ko', 'zh', 'ru', 'ar', 'tr', 'sv', 'uk', 'he'];

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
