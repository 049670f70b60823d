import { type ProviderContext, type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { CompatibleChat } from '../openai/compatible.ts';
import { credentialSchema, DEFAULT_MODEL, refuseRetired, regionOf, settingsSchema, TITLE } from './config.ts';
import { mend, xaiError } from './errors.ts';

/** `llm/xai`: Grok over the same chat API as `llm/openai`. */
export const xaiLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'xai',
  id: 'xai',
  title: 'xAI Grok',
  settings: settingsSchema,
  models: [DEFAULT_MODEL, 'grok-4.5', 'grok-4.6', 'grok-4.7'],
  capabilities(given) {
    const { baseUrl } = parseConfig(settingsSchema, given);
    return {
      structured: 'strict',
      tools: true,
      streaming: true,
      temperature: true,
      contextTokens: 500_000,
      region: regionOf(baseUrl),
    };
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(settingsSchema, settings).model);
    await (await create(credential, settings, ctx)).probe(ctx.signal);
  },
};

function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { baseUrl, model } = parseConfig(settingsSchema, given);
  const dialect = {
    title: TITLE,
    extra: ({ temperature }: { temperature?: number }) => (temperature === undefined ? {} : { temperature }),
    error: xaiError,
  };
  return CompatibleChat.create({ apiKey, baseUrl, model, ctx, dialect, mend });
}
