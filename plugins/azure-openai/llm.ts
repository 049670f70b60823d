import type OpenAI from 'openai';
import Type from 'typebox';
import {
  isProviderError,
  type LlmRequest,
  type ProviderContext,
  type ProviderManifest,
  parseConfig,
} from '../../core/contracts/index.ts';
import { CompatibleChat } from '../openai/compatible.ts';
import { type AzureSettings, credentialSchema, settingsSchema, TITLE, v1Of } from './config.ts';
import { azureError } from './errors.ts';

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
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: async (credential, settings, ctx) => probe(await create(credential, settings, ctx), ctx.signal),
};

function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const settings = parseConfig(settingsSchema, given);
  return CompatibleChat.create({
    apiKey,
    baseUrl: v1Of(settings.baseUrl),
    model: settings.model,
    ctx: { ...ctx, fetch: withApiKey(ctx.fetch, apiKey) },
    dialect: { title: TITLE, extra: (request) => extra(settings, request), error: azureError },
  });
}

/** A resource's key goes in `api-key`; `Authorization` is for tokens of Entra ID. */
function withApiKey(fetch: typeof globalThis.fetch, apiKey: string): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    headers.set('api-key', apiKey);
    return fetch(input, { ...init, headers });
  };
}

/**
 * One word to the deployment: the list of models tells what the resource may deploy, not what it has, and a wrong name of
 * the deployment is the mistake that is made. Some twenty tokens, no customer's words.
 */
async function probe(chat: CompatibleChat, signal: AbortSignal): Promise<void> {
  try {
    await chat.complete({ messages: [{ role: 'user', content: 'ok?' }], maxTokens: 16 }, signal);
  } catch (error) {
    // A model that thought its 16 tokens away, or a filter that took offence: key and deployment are right.
    if (!isProviderError(error) || error.code !== 'output') throw error;
  }
}

function extra(
  settings: Omit<AzureSettings, 'baseUrl'>,
  { temperature }: LlmRequest,
): Partial<OpenAI.Chat.ChatCompletionCreateParams> {
  const effort = effortOf(settings);
  return {
    ...(effort === undefined ? {} : { reasoning_effort: effort as OpenAI.ReasoningEffort }),
    ...(takesTemperature(settings) && temperature !== undefined ? { temperature } : {}),
  };
}

/** A deployment may be called anything: what its name does not tell is left to the vendor. */
function effortOf({ model, reasoningEffort }: Omit<AzureSettings, 'baseUrl'>): string | undefined {
  if (reasoningEffort === 'default') return undefined;
  if (reasoningEffort !== 'auto') return reasoningEffort;
  return canSkipThinking(model) ? 'none' : undefined;
}

/** `none` came with GPT-5.1; before it the least is `minimal`. */
function canSkipThinking(model: string): boolean {
  return /^gpt-(5\.[1-9]|[6-9]|\d\d)/.test(model);
}

/** Models that think refuse a temperature unless they are told not to; so does one whose name says nothing, perhaps. */
function takesTemperature(settings: Omit<AzureSettings, 'baseUrl'>): boolean {
  return effortOf(settings) === 'none' || /^gpt-(4|35|3\.5)/.test(settings.model);
}
