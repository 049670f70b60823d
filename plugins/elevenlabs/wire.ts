import Type, { type Static } from 'typebox';
import type { Word } from '../../core/contracts/index.ts';

const wordSchema = Type.Object({
  text: Type.String(),
  /** `word`, `spacing` or `audio_event`; others may come. */
  type: Type.Optional(Type.String()),
  start: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  end: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  /** Natural logarithm of the word's probability. */
  logprob: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  speaker_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});

/** Answer of `POST /v1/speech-to-text`, the fields Balto reads. Times in seconds. */
export const transcriptionSchema = Type.Object({
  text: Type.String(),
  language_code: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  transcription_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  audio_duration_secs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  words: Type.Optional(Type.Union([Type.Null(), Type.Array(wordSchema)])),
});

export type Transcription = Static<typeof transcriptionSchema>;

/** `partial_transcript`, `committed_transcript` and, with words, `committed_transcript_with_timestamps` of a live stream. */
export const transcriptMessageSchema = Type.Object({
  text: Type.String(),
  language_code: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  /** Times count the audio of the whole connection, in seconds. */
  words: Type.Optional(Type.Union([Type.Null(), Type.Array(wordSchema)])),
});

type WireWord = Static<typeof wordSchema>;

/** The spoken words, normalised to the contract's milliseconds and probabilities, and their mean confidence. */
export function readWords(words: readonly WireWord[] | null | undefined): { words: Word[]; confidence?: number } {
  const spoken = (words ?? []).filter((word) => word.type === undefined || word.type === 'word').map(readWord);
  const scored = spoken.map((word) => word.confidence).filter((confidence) => confidence !== undefined);
  if (scored.length === 0) return { words: spoken };
  return { words: spoken, confidence: scored.reduce((sum, each) => sum + each, 0) / scored.length };
}

function readWord(word: WireWord): Word {
  const startMs = Math.round((word.start ?? 0) * 1000);
  const endMs = Math.max(startMs, Math.round((word.end ?? word.start ?? 0) * 1000));
  return {
    text: word.text,
    startMs,
    endMs,
    ...(typeof word.logprob === 'number' ? { confidence: Math.min(1, Math.exp(word.logprob)) } : {}),
    ...(word.speaker_id ? { speaker: word.speaker_id } : {}),
  };
}

/** ISO 639-3 as the vendor answers (`por`) to BCP 47 (`pt`); undefined where it names none. */
export function canonicalLanguage(code: string | null | undefined): string | undefined {
  if (!code) return undefined;
  try {
    return Intl.getCanonicalLocales(code)[0];
  } catch {
    return undefined; // no language tag
  }
}
