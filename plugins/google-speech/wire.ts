import Type, { type Static } from 'typebox';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** A duration as proto3 writes it in JSON: `"1.400s"`. */
const duration = optional(Type.String());

const wordInfo = Type.Object({
  word: Type.String(),
  startTime: duration,
  endTime: duration,
  /** 0 where it was not set. */
  confidence: optional(Type.Number()),
  /** From 1; 0 or absent without diarization. */
  speakerTag: optional(Type.Number()),
});

/** Answer of `POST /v1/speech:recognize`, the fields Balto reads. A field of value zero is left out by the vendor. */
export const recognizeResponseSchema = Type.Object({
  results: optional(
    Type.Array(
      Type.Object({
        alternatives: optional(
          Type.Array(
            Type.Object({
              transcript: optional(Type.String()),
              confidence: optional(Type.Number()),
              words: optional(Type.Array(wordInfo)),
            }),
          ),
        ),
        languageCode: optional(Type.String()),
      }),
    ),
  ),
  totalBilledTime: duration,
  requestId: optional(Type.String()),
});

export type RecognizeResponse = Static<typeof recognizeResponseSchema>;
export type WordInfo = Static<typeof wordInfo>;

/** Answer of `POST /v1/text:synthesize`: base64. */
export const synthesizeResponseSchema = Type.Object({ audioContent: Type.String() });

/** Answer of `GET /v1/voices`, the field Balto reads. */
export const voicesSchema = Type.Object({ voices: optional(Type.Array(Type.Object({ name: Type.String() }))) });
