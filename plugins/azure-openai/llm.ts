import Type from 'typebox';
import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { type AzureSettings, settingsSchema } from './config.ts';

/** What decides about capabilities; the endpoint does not. */
const described = Type.Omit(settingsSchema, ['baseUrl']);

/** `llm/azure-openai`: a deployment of a customer's own resource, through the v1 surface. */
export const azureOpenAiLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'azure-openai',
  id: 'azure-openai',
  title: 'Azure OpenAI',
  settings: settingsSchema,
  aliases: ['azure_openai'],
  models: ['gpt-5.4-mini'],
  capabilities(given) {
    const settings = parseConfig(described, given);
    return {
      structured: 'strict',
      tools: true,
      streaming: true,
      temperature: takesTemperature(settings),
      contextTokens: 128_000,
      region: settings.region,
    };
  },
  create: async (...given) => (await import('./llm-instance.ts')).create(...given),
  probe: async (...given) => (await import('./llm-instance.ts')).probe(...given),
};

/** A deployment may be called anything: what its name does not tell is left to the vendor. */
export function effortOf({ model, reasoningEffort }: Omit<AzureSettings, 'baseUrl'>): string | undefined {
  if (reasoningEffort === 'default') return undefined;
  if (reasoningEffort !== 'auto') return reasoningEffort;
  return canSkipThinking(model) ? 'none' : undefined;
}

/** `none` came with GPT-5.1; before it the least is `minimal`. */
function canSkipThinking(model: string): boolean {
  return /^gpt-(5\.[1-9]|[6-9]|\d\d)/.test(model);
}

/** Models that think refuse a temperature unless they are told not to; so does one whose name says nothing, perhaps. */
export function takesTemperature(settings: Omit<AzureSettings, 'baseUrl'>): boolean {
  return effortOf(settings) === 'none' || /^gpt-(4|35|3\.5)/.test(settings.model);
}
