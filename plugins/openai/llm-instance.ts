import type OpenAI from 'openai';
import { type LlmRequest, type ProviderContext, parseConfig } from '../../core/contracts/index.ts';
import { CompatibleChat } from './compatible.ts';
import { credentialSchema, type OpenAiSettings, settingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { reasons, takesTemperature } from './llm.ts';
import { refuseRetired } from './models.ts';

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
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

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  refuseRetired(parseConfig(settingsSchema, settings).model);
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
