import { type Static, Type, type Usage } from 'balto/contracts';

/** Answer of `POST /v1/chat`, the fields that are read: what else the vendor says passes. */
export const chatSchema = Type.Object({
  request_id: Type.String({ minLength: 1, maxLength: 200 }),
  model: Type.String({ minLength: 1, maxLength: 200 }),
  text: Type.String(),
  finish: Type.Enum(['stop', 'length', 'refusal', 'filter']),
  usage: Type.Object({ input_tokens: Type.Integer({ minimum: 0 }), output_tokens: Type.Integer({ minimum: 0 }) }),
});

export function usageOf({ model, usage }: Static<typeof chatSchema>): Usage[] {
  return [
    { unit: 'token', quantity: usage.input_tokens, of: 'text_in', model },
    { unit: 'token', quantity: usage.output_tokens, of: 'text_out', model },
  ];
}
