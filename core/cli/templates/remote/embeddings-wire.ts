import { Type } from 'balto/contracts';

/** Answer of `POST /v1/embeddings`, the fields that are read: what else the vendor says passes. */
export const embeddingsSchema = Type.Object({
  request_id: Type.String({ minLength: 1, maxLength: 200 }),
  model: Type.String({ minLength: 1, maxLength: 200 }),
  /** In the order of the texts. */
  vectors: Type.Array(Type.Array(Type.Number())),
  usage: Type.Object({ input_tokens: Type.Integer({ minimum: 0 }) }),
});

/** The vector as long as 1: the product of two is then how alike they are. */
export function unit(vector: number[]): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return Float32Array.from(vector, (value) => value / length);
}
