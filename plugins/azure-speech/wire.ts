import Type, { type Static } from 'typebox';

const span = { offsetMilliseconds: Type.Number(), durationMilliseconds: Type.Number() };

/** Answer of `POST /speechtotext/transcriptions:transcribe` (`TranscribeResult`), the fields Balto reads. */
export const transcribeResultSchema = Type.Object({
  durationMilliseconds: Type.Number(),
  /** One entry per channel: one, as mono is sent; none where nothing was said. */
  combinedPhrases: Type.Array(Type.Object({ text: Type.String() })),
  phrases: Type.Array(
    Type.Object({
      ...span,
      text: Type.String(),
      confidence: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      locale: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      /** Only with diarization. */
      speaker: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
      words: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Object({ ...span, text: Type.String() }))])),
    }),
  ),
});

export type TranscribeResult = Static<typeof transcribeResultSchema>;

/** Answer of `GET /speechtotext/transcriptions/locales`: kinds of transcription and their locales, or a plain list. */
export const localesSchema = Type.Union([
  Type.Array(Type.String()),
  Type.Record(Type.String(), Type.Array(Type.String())),
]);

/** Answer of `GET /cognitiveservices/voices/list`, the field Balto reads. */
export const voicesSchema = Type.Array(Type.Object({ ShortName: Type.String() }));
