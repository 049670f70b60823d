import Type, { type Static } from 'typebox';
import type { Word } from '../../core/contracts/index.ts';

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const wordSchema = Type.Object({
  text: Type.String(),
  /** Milliseconds. */
  start: Type.Number(),
  end: Type.Number(),
  confidence: optional(Type.Number()),
  speaker: optional(Type.String()),
});

/** Answer of `POST /v2/upload`. */
export const uploadSchema = Type.Object({ upload_url: Type.String({ minLength: 1, maxLength: 4000 }) });

/** Answer of `POST /v2/transcript`. */
export const jobSchema = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });

/** Answer of `GET /v2/transcript/{id}`, the fields Balto reads: a job that failed is an HTTP 200 as well. */
export const transcriptSchema = Type.Object({
  /** `queued`, `processing`, `completed` or `error`. */
  status: Type.String(),
  error: optional(Type.String()),
  text: optional(Type.String()),
  language_code: optional(Type.String()),
  confidence: optional(Type.Number()),
  speech_model_used: optional(Type.String()),
  words: optional(Type.Array(wordSchema)),
});

/** First message of a stream. */
export const beginSchema = Type.Object({ type: Type.Literal('Begin'), id: optional(Type.String()) });

/** One turn as heard so far; the last one of its order has `end_of_turn`. Times in ms of this stream's audio. */
export const turnSchema = Type.Object({
  type: Type.Literal('Turn'),
  turn_order: Type.Integer({ minimum: 0 }),
  end_of_turn: Type.Optional(Type.Boolean()),
  transcript: optional(Type.String()),
  words: optional(Type.Array(wordSchema)),
});

/** Last message of a stream: everything sent is answered. */
export const terminationSchema = Type.Object({
  type: Type.Literal('Termination'),
  session_duration_seconds: optional(Type.Number({ minimum: 0 })),
});

export type FinishedTranscript = Static<typeof transcriptSchema>;
export type Turn = Static<typeof turnSchema>;

export function readWords(words: FinishedTranscript['words']): Word[] {
  return (words ?? []).map((word) => {
    const startMs = Math.max(0, Math.round(word.start));
    return {
      text: word.text,
      startMs,
      endMs: Math.max(startMs, Math.round(word.end)),
      ...(typeof word.confidence === 'number' ? { confidence: word.confidence } : {}),
      ...(word.speaker ? { speaker: word.speaker } : {}),
    };
  });
}

/** Mean over the words that have one. */
export function confidenceOf(words: readonly Word[]): { confidence?: number } {
  const scored = words.flatMap((word) => word.confidence ?? []);
  return scored.length === 0 ? {} : { confidence: scored.reduce((sum, each) => sum + each, 0) / scored.length };
}
