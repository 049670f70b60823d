import { type ProviderContext, parseConfig } from '../../core/contracts/index.ts';
import { CompatibleChat } from '../openai/compatible.ts';
import { credentialSchema, refuseRetired, settingsSchema, TITLE } from './config.ts';
import { mend, xaiError } from './errors.ts';

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { baseUrl, model } = parseConfig(settingsSchema, given);
  const dialect = {
    title: TITLE,
    extra: ({ temperature }: { temperature?: number }) => (temperature === undefined ? {} : { temperature }),
    error: xaiError,
  };
  return CompatibleChat.create({ apiKey, baseUrl, model, ctx, dialect, mend });
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  refuseRetired(parseConfig(settingsSchema, settings).model);
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
