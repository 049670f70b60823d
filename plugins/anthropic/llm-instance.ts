import type Anthropic from '@anthropic-ai/sdk';
import {
  type Llm,
  type LlmEvent,
  type LlmRequest,
  type LlmResult,
  type ProviderContext,
  ProviderError,
  parseConfig,
  retiredModel,
} from '../../core/contracts/index.ts';
import { type AnthropicSettings, credentialSchema, settingsSchema, TITLE } from './config.ts';
import { anthropicError } from './errors.ts';
import { nearestTo, RETIRED } from './models.ts';
import { collect, nothingYet, readLifecycle, readMessage, toResult } from './wire.ts';

/** Deadlines are the runtime's: the SDK's own must never be the first to fire. */
const NO_TIMEOUT_MS = 86_400_000;

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export async function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<AnthropicChat> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const settings = parseConfig(settingsSchema, given);
  const [{ default: Client }, { toBody }] = await Promise.all([import('@anthropic-ai/sdk'), import('./request.ts')]);
  const client = new Client({
    apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: settings.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, ''),
    fetch: ownHeadersOnly(ctx.fetch, apiKey),
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    logLevel: 'off',
    openTelemetry: false,
  });
  return new AnthropicChat(client, toBody, { apiKey, settings });
}

/** The SDK adds the headers `ANTHROPIC_CUSTOM_HEADERS` names, also in place of the key: nothing of the process's environment goes along. */
function ownHeadersOnly(fetch: typeof globalThis.fetch, apiKey: string): typeof globalThis.fetch {
  return (input, init) => {
    const headers = new Headers();
    for (const [name, value] of new Headers(init?.headers)) {
      if (/^(accept|content-type|user-agent|anthropic-version|x-stainless-.*)$/.test(name)) headers.set(name, value);
    }
    headers.set('authorization', `Bearer ${apiKey}`);
    return fetch(input, { ...init, headers });
  };
}

/** Claude behind the official SDK, with its retries, time-out, logging, tracing and environment reading switched off. */
class AnthropicChat implements Llm {
  readonly #client: Anthropic;
  readonly #toBody: typeof import('./request.ts').toBody;
  readonly #given: { apiKey: string; settings: AnthropicSettings };

  constructor(
    client: Anthropic,
    toBody: typeof import('./request.ts').toBody,
    given: { apiKey: string; settings: AnthropicSettings },
  ) {
    this.#client = client;
    this.#toBody = toBody;
    this.#given = given;
  }

  async complete(request: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
    const { model, reasoningEffort } = this.#given.settings;
    const body = this.#toBody(request, model, reasoningEffort);
    const { data, requestId } = await this.#attempt(signal, async () => {
      const answer = await this.#client.messages.create({ ...body, stream: false }, { signal }).withResponse();
      return { data: answer.data as unknown, requestId: answer.request_id ?? undefined };
    });
    return toResult(readMessage(data, { model, ...(requestId === undefined ? {} : { requestId }) }));
  }

  async *stream(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    const { apiKey, settings } = this.#given;
    const body = this.#toBody(request, settings.model, settings.reasoningEffort);
    const answered = nothingYet(settings.model);
    try {
      const answer = await this.#client.messages.create({ ...body, stream: true }, { signal }).withResponse();
      answered.requestId = answer.request_id ?? undefined;
      for await (const event of answer.data) {
        const text = collect(answered, event);
        if (text !== '') yield { type: 'delta', text };
      }
    } catch (error) {
      throw anthropicError(error, signal, apiKey);
    }
    // The SDK ends the iteration in silence when it was aborted.
    if (signal.aborted) throw anthropicError(undefined, signal, apiKey);
    if (answered.stopReason === undefined) {
      throw new ProviderError({ code: 'connection', message: `resposta de ${TITLE} interrompida` });
    }
    const result = toResult(answered);
    for (const toolCall of result.toolCalls ?? []) yield { type: 'toolCall', toolCall };
    yield { type: 'result', result };
  }

  /** Asks about the model: no tokens, no cost, and a name the key cannot use is found out before a customer speaks. */
  async probe(signal: AbortSignal): Promise<void> {
    const { model } = this.#given.settings;
    const known = retiredModel(TITLE, model, RETIRED);
    if (known) throw known;
    const info: unknown = await this.#attempt(signal, () => this.#client.models.retrieve(model, {}, { signal }));
    if (readLifecycle(info) !== 'retired') return;
    throw retiredModel(TITLE, model, { [model.toLowerCase()]: nearestTo(model) });
  }

  async #attempt<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw anthropicError(error, signal, this.#given.apiKey);
    }
  }
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
