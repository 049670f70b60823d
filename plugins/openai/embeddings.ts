import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { embeddingsSettingsSchema, regionOf } from './config.ts';
import { DEFAULTS, MAX_TEXTS } from './models.ts';

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
  create: async (...given) => (await import('./embeddings-instance.ts')).create(...given),
  probe: async (...given) => (await import('./embeddings-instance.ts')).probe(...given),
};
