import type { ProviderManifest } from '../../core/contracts/index.ts';
import { settingsSchema } from './config.ts';

/** `llm/anthropic`: Claude through the Messages API, with structured output. */
export const anthropicLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'anthropic',
  id: 'anthropic',
  title: 'Anthropic Claude',
  settings: settingsSchema,
  models: ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'],
  capabilities: {
    structured: 'strict',
    tools: true,
    streaming: true,
    temperature: false,
    contextTokens: 200_000,
    region: 'us',
  },
  create: async (...given) => (await import('./llm-instance.ts')).create(...given),
  probe: async (...given) => (await import('./llm-instance.ts')).probe(...given),
};
