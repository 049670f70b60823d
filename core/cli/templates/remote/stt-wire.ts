import { type Static, Type, type Word } from 'balto/contracts';

const share = Type.Number({ minimum: 0, maximum: 1 });

/** Answer of `POST /v1/transcribe`, the fields that are read: what else the vendor says passes. */
export const transcriptionSchema = Type.Object({
  request_id: Type.String({ minLength: 1, maxLength: 200 }),
  text: Type.String(),
  language: Type.Optional(Type.String({ maxLength: 20 })),
  confidence: Type.Optional(share),
  /** Seconds, as they are billed. */
  duration: Type.Optional(Type.Number({ minimum: 0 })),
  words: Type.Optional(
    Type.Array(
      Type.Object({
        word: Type.String(),
        /** Seconds. */
        start: Type.Number({ minimum: 0 }),
        end: Type.Number({ minimum: 0 }),
        confidence: Type.Optional(share),
        speaker: Type.Optional(Type.Integer()),
      }),
    ),
  ),
});

export type Transcription = Static<typeof transcriptionSchema>;

/** Words in milliseconds. */
export function readWords({ words = [] }: Transcription): Word[] {
  return words.map(({ word, start, end, confidence, speaker }) => ({
    text: word,
    startMs: Math.round(start * 1000),
    endMs: Math.round(end * 1000),
    ...(confidence === undefined ? {} : { confidence }),
    ...(speaker === undefined ? {} : { speaker: String(speaker) }),
  }));
}
