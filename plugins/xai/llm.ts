import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { DEFAULT_MODEL, regionOf, settingsSchema } from './config.ts';

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
  create: async (...given) => (await import('./llm-instance.ts')).create(...given),
  probe: async (...given) => (await import('./llm-instance.ts')).probe(...given),
};
