import Type, { type Static } from 'typebox';
import type { Word } from '../../../../core/contracts/index.ts';

export const wordsSchema = Type.Array(
  Type.Object({
    text: Type.String(),
    start_ms: Type.Number(),
    end_ms: Type.Number(),
    confidence: Type.Number(),
    speaker: Type.Optional(Type.String()),
  }),
);

/** Answer of `POST /v1/transcribe`. */
export const transcriptSchema = Type.Object({
  id: Type.String(),
  text: Type.String(),
  words: wordsSchema,
  seconds: Type.Number(),
});

export function readWords(words: Static<typeof wordsSchema>): Word[] {
  return words.map(({ text, start_ms: startMs, end_ms: endMs, confidence, speaker }) => ({
    text,
    startMs,
    endMs,
    confidence,
    ...(speaker === undefined ? {} : { speaker }),
  }));
}
