import Type, { type Static, type TSchema } from 'typebox';

const nullable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

/** `session.created`, `session.updated`: what was asked is in force. */
export const sessionSchema = Type.Object({
  session: Type.Object({ id: nullable(Type.String()) }),
});

/** `input_audio_buffer.committed`: the audio of one commit is this item. */
export const committedSchema = Type.Object({ item_id: Type.String() });

/** `conversation.item.input_audio_transcription.delta`: more text of an item. */
export const deltaSchema = Type.Object({ item_id: Type.String(), delta: nullable(Type.String()) });

/** `conversation.item.input_audio_transcription.completed`: all of it. */
export const completedSchema = Type.Object({
  item_id: Type.String(),
  transcript: Type.String(),
  logprobs: nullable(Type.Array(Type.Object({ logprob: nullable(Type.Number()) }))),
});

export type Completed = Static<typeof completedSchema>;

/** Of `error` and `…transcription.failed`. */
export const failureSchema = Type.Object({
  error: Type.Object({ type: nullable(Type.String()), code: nullable(Type.String()) }),
});
