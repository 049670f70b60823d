import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { settingsSchema } from './config.ts';

/** `llm/gemini`: Google's Gemini through the Gemini API, with structured output. */
export const geminiLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'gemini',
  id: 'gemini',
  title: 'Google Gemini',
  settings: settingsSchema,
  aliases: ['google_gemini'],
  models: ['gemini-3.5-flash-lite', 'gemini-3.8-flash'],
  capabilities(given) {
    const { model } = parseConfig(settingsSchema, given);
    return {
      structured: 'strict',
      tools: true,
      streaming: true,
      // From 3.6 on the vendor sets the sampling itself.
      temperature: !/gemini-(3\.([6-9]|\d\d)|[4-9]|\d\d)/.test(model),
      contextTokens: 1_000_000,
      region: 'us',
    };
  },
  create: async (...given) => (await import('./llm-instance.ts')).create(...given),
  probe: async (...given) => (await import('./llm-instance.ts')).probe(...given),
};
