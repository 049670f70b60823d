import Type from 'typebox';
import { ProviderError, parseWire, readJson } from '../../../core/contracts/index.ts';
import { Caller, TITLE } from '../zoo-remote/caller.ts';
import type { Reference } from '../zoo-remote/defects.ts';
import { DIMENSIONS } from '../zoo-remote/wire.ts';

const MAX_TEXTS = 50;

const answerSchema = Type.Object({
  model: Type.String(),
  vectors: Type.Array(Type.Array(Type.Number())),
  usage: Type.Object({ in: Type.Number() }),
});

/** Vectors behind Acme's wire. */
export const acmeEmbeddings: Reference<'embeddings'> = {
  kind: 'embeddings',
  capabilities: { dimensions: DIMENSIONS, maxTexts: MAX_TEXTS, region: 'br' },
  create(credential, settings, ctx) {
    const caller = new Caller(credential, settings, ctx);
    return {
      dimensions: DIMENSIONS,
      async embed(texts, purpose, signal) {
        if (texts.length === 0) return { vectors: [], usage: [] };
        if (texts.length > MAX_TEXTS) {
          throw new ProviderError({ code: 'invalid_request', message: `${TITLE}: mais de ${MAX_TEXTS} textos` });
        }
        const response = await caller.ask('/vectors', { model: caller.model, texts, purpose }, signal);
        const { vectors, usage, model } = parseWire(TITLE, answerSchema, await readJson(TITLE, response, signal));
        return {
          vectors: vectors.map((vector) => Float32Array.from(vector)),
          usage: [{ unit: 'token', quantity: usage.in, of: 'text_in', model }],
        };
      },
    };
  },
  probe: (credential, settings, ctx) => new Caller(credential, settings, ctx).probe(),
  failing: ({ dimensions, embed }, error) => ({
    dimensions,
    embed: (texts, purpose, signal) => embed(texts, purpose, signal).catch((reason) => Promise.reject(error(reason))),
  }),
};
