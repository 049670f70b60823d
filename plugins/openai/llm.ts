import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { type OpenAiSettings, regionOf, settingsSchema } from './config.ts';
import { CHAT_MODELS } from './models.ts';

/** `llm/openai`: chat completions with structured output. */
export const openAiLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI',
  settings: settingsSchema,
  models: CHAT_MODELS,
  capabilities(given) {
    const settings = parseConfig(settingsSchema, given);
    return {
      structured: 'strict',
      tools: true,
      streaming: true,
      temperature: takesTemperature(settings),
      contextTokens: 128_000,
      region: regionOf(settings.baseUrl),
    };
  },
  create: async (...given) => (await import('./llm-instance.ts')).create(...given),
  probe: async (...given) => (await import('./llm-instance.ts')).probe(...given),
};

/** The families that think before they answer. */
export function reasons(model: string): boolean {
  return /^(gpt-(?:[5-9]|\d\d)|o\d)/.test(model);
}

/** Reasoning models refuse a temperature unless they are told not to reason. */
export function takesTemperature(settings: OpenAiSettings): boolean {
  return !reasons(settings.model) || settings.reasoningEffort === 'none';
}
