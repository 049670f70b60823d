import Type, { type Static } from 'typebox';
import type { Word } from '../../core/contracts/index.ts';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** Answer of `POST /v2/upload`. */
export const uploadSchema = Type.Object({ audio_url: Type.String({ minLength: 1, maxLength: 4000 }) });

/** Answer of `POST /v2/pre-recorded`. Its `result_url` is not followed: the id says as much, and names no host. */
export const jobSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

const utteranceSchema = Type.Object({
  text: Type.String(),
  confidence: optional(Type.Number()),
  speaker: optional(Type.Union([Type.Integer(), Type.String()])),
  words: optional(
    Type.Array(
      Type.Object({
        /** With the space before it, as the vendor writes it. */
        word: Type.String(),
        /** Seconds. */
        start: Type.Number(),
        end: Type.Number(),
        confidence: optional(Type.Number()),
      }),
    ),
  ),
});

/** Answer of `GET /v2/pre-recorded/{id}`, the fields Balto reads. */
export const resultSchema = Type.Object({
  /** `queued`, `processing`, `done` or `error`. */
  status: Type.String(),
  request_id: optional(Type.String()),
  /** HTTP status of what went wrong, where `status` is `error`. */
  error_code: optional(Type.Integer()),
  result: optional(
    Type.Object({
      metadata: optional(
        Type.Object({
          audio_duration: optional(Type.Number({ minimum: 0 })),
          /** Seconds on the bill. */
          billing_time: optional(Type.Number({ minimum: 0 })),
        }),
      ),
      transcription: optional(
        Type.Object({
          full_transcript: optional(Type.String()),
          languages: optional(Type.Array(Type.String())),
          utterances: optional(Type.Array(utteranceSchema)),
        }),
      ),
    }),
  ),
});

export type JobResult = Static<typeof resultSchema>;
export type Transcription = NonNullable<NonNullable<JobResult['result']>['transcription']>;

/** Words in the order of the utterances that hold them, in milliseconds, with the utterance's speaker. */
export function readWords(transcription: Transcription | null | undefined): Word[] {
  return (transcription?.utterances ?? []).flatMap(({ words, speaker }) =>
    (words ?? []).map((word) => {
      const startMs = Math.max(0, Math.round(word.start * 1000));
      return {
        text: word.word.trim(),
        startMs,
        endMs: Math.max(startMs, Math.round(word.end * 1000)),
        ...(typeof word.confidence === 'number' ? { confidence: word.confidence } : {}),
        ...(speaker === undefined || speaker === null ? {} : { speaker: String(speaker) }),
      };
    }),
  );
}
