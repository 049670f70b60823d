import { type ProviderContext, parseConfig } from '../../core/contracts/index.ts';
import { credentialSchema, embeddingsSettingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { refuseRetired } from './models.ts';
import { CompatibleEmbeddings } from './vectors.ts';

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleEmbeddings> {
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

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  refuseRetired(parseConfig(embeddingsSettingsSchema, settings).model);
  await (await create(credential, settings, ctx)).models(ctx.signal);
}
