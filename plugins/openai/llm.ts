import type OpenAI from 'openai';
import {
  type LlmRequest,
  type ProviderContext,
  type ProviderManifest,
  parseConfig,
} from '../../core/contracts/index.ts';
import { CompatibleChat } from './compatible.ts';
import { credentialSchema, type OpenAiSettings, regionOf, settingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { CHAT_MODELS, refuseRetired } from './models.ts';

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
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(settingsSchema, settings).model);
    await (await create(credential, settings, ctx)).probe(ctx.signal);
  },
};

function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const settings = parseConfig(settingsSchema, given);
  return CompatibleChat.create({
    apiKey,
    baseUrl: settings.baseUrl,
    model: settings.model,
    ctx,
    dialect: {
      title: TITLE,
      extra: (request) => extra(settings, request),
      error: (error, signal, key) => chatError(TITLE, error, signal, key),
    },
  });
}

/** What a customer said is not kept for the vendor's dashboards: `store` is false, whatever the account's default. */
function extra(settings: OpenAiSettings, request: LlmRequest): Partial<OpenAI.Chat.ChatCompletionCreateParams> {
  const effort = settings.reasoningEffort as OpenAI.ReasoningEffort;
  return {
    ...(isOfficial(settings) ? { store: false } : {}),
    ...(reasons(settings.model) && settings.reasoningEffort !== 'default' ? { reasoning_effort: effort } : {}),
    ...(takesTemperature(settings) && request.temperature !== undefined ? { temperature: request.temperature } : {}),
  };
}

/** Compatible servers (Ollama, Groq, a proxy) may refuse parameters they do not know. */
function isOfficial(settings: OpenAiSettings): boolean {
  return reasons(settings.model) || settings.baseUrl.includes('.openai.com');
}

/** The families that think before they answer. */
function reasons(model: string): boolean {
  return /^(gpt-(?:[5-9]|\d\d)|o\d)/.test(model);
}

/** Reasoning models refuse a temperature unless they are told not to reason. */
function takesTemperature(settings: OpenAiSettings): boolean {
  return !reasons(settings.model) || settings.reasoningEffort === 'none';
}
