import Type, { type Static } from 'typebox';

/** Answer of `POST /v1/speech-to-text`, the fields Balto reads. Times in seconds. */
export const transcriptionSchema = Type.Object({
  text: Type.String(),
  language_code: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  transcription_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  audio_duration_secs: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  words: Type.Optional(
    Type.Union([
      Type.Null(),
      Type.Array(
        Type.Object({
          text: Type.String(),
          /** `word`, `spacing` or `audio_event`; others may come. */
          type: Type.Optional(Type.String()),
          start: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
          end: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
          /** Natural logarithm of the word's probability. */
          logprob: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
          speaker_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        }),
      ),
    ]),
  ),
});

export type Transcription = Static<typeof transcriptionSchema>;
