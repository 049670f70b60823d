import { type ProviderContext, type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { credentialSchema, embeddingsSettingsSchema, regionOf, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { DEFAULTS, refuseRetired } from './models.ts';
import { CompatibleEmbeddings, MAX_TEXTS } from './vectors.ts';

/** `embeddings/openai`. */
export const openAiEmbeddings: ProviderManifest<'embeddings'> = {
  kind: 'embeddings',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI Embeddings',
  settings: embeddingsSettingsSchema,
  aliases: ['openai_embeddings'],
  models: [DEFAULTS.embeddings, 'text-embedding-3-large'],
  capabilities(given) {
    const { dimensions, baseUrl } = parseConfig(embeddingsSettingsSchema, given);
    return { dimensions, maxTexts: MAX_TEXTS, region: regionOf(baseUrl) };
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(embeddingsSettingsSchema, settings).model);
    await (await create(credential, settings, ctx)).models(ctx.signal);
  },
};

function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleEmbeddings> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { model, baseUrl, dimensions } = parseConfig(embeddingsSettingsSchema, given);
  return CompatibleEmbeddings.create({
    apiKey,
    baseUrl,
    model,
    ctx,
    dimensions,
    cuts: !model.startsWith('text-embedding-ada'),
    title: TITLE,
    error: (error, signal, key) => chatError(TITLE, error, signal, key),
  });
}
