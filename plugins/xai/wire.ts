import Type, { type Static, type TSchema } from 'typebox';
import type { Word } from '../../core/contracts/index.ts';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const wordSchema = Type.Object({
  text: Type.String(),
  /** Seconds. */
  start: nullable(Type.Number()),
  end: nullable(Type.Number()),
  speaker: nullable(Type.Union([Type.Integer(), Type.String()])),
});

/** Answer of `POST /stt`, the fields Balto reads. */
export const transcriptionSchema = Type.Object({
  text: Type.String(),
  language: nullable(Type.String()),
  duration: nullable(Type.Number()),
  words: nullable(Type.Array(wordSchema)),
});

/** `transcript.partial` of a live stream: interim text, or text that will not change (`is_final`). */
export const partialSchema = Type.Object({
  text: Type.String(),
  words: nullable(Type.Array(wordSchema)),
  is_final: nullable(Type.Boolean()),
  speech_final: nullable(Type.Boolean()),
  start: nullable(Type.Number()),
  duration: nullable(Type.Number()),
});

/** `transcript.done`: the answer to `audio.done`, the last message of a stream. */
export const doneSchema = Type.Object({ text: nullable(Type.String()), duration: nullable(Type.Number()) });

export type Partial = Static<typeof partialSchema>;

/** Words in the contract's units; one without times is dropped, its text stands in the transcript. */
export function readWords(words: Static<typeof wordSchema>[] | null | undefined): Word[] {
  return (words ?? []).flatMap(({ text, start, end, speaker }) => {
    if (typeof start !== 'number') return [];
    const startMs = Math.max(0, Math.round(start * 1000));
    const endMs = Math.max(startMs, Math.round((end ?? start) * 1000));
    const known = speaker === undefined || speaker === null ? {} : { speaker: String(speaker) };
    return [{ text: text.trim(), startMs, endMs, ...known }];
  });
}
