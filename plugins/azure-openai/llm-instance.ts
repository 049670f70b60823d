import type OpenAI from 'openai';
import { isProviderError, type LlmRequest, type ProviderContext, parseConfig } from '../../core/contracts/index.ts';
import { CompatibleChat } from '../openai/compatible.ts';
import { type AzureSettings, credentialSchema, settingsSchema, TITLE, v1Of } from './config.ts';
import { azureError } from './errors.ts';
import { effortOf, takesTemperature } from './llm.ts';

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleChat> {
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
async function ask(chat: CompatibleChat, signal: AbortSignal): Promise<void> {
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

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await ask(await create(credential, settings, ctx), ctx.signal);
}
