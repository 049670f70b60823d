import {
  type Llm,
  type LlmRequest,
  type LlmResult,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  parseWire,
  requestJson,
  retiredModel,
} from 'balto/contracts';
import {
  type AcmeSettings,
  credentialSchema,
  DEFAULT_MODEL,
  RETIRED,
  settingsSchema,
  TITLE,
  urlOf,
  vendor,
} from './config.ts';
import { refusal } from './errors.ts';
import { chatSchema, usageOf } from './llm-wire.ts';

/** One request per question. No time-out and no second try: those are the core's. */
class AcmeLlm implements Llm {
  readonly #apiKey: string;
  readonly #settings: AcmeSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: AcmeSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async complete(request: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
    const post = { method: 'POST', body: JSON.stringify(bodyOf(this.#settings.model, request)) };
    const answer = parseWire(TITLE, chatSchema, await this.#json('/v1/chat', post, signal));
    if (answer.text === '' && answer.finish === 'stop') {
      throw new ProviderError({ code: 'output', message: `${TITLE} respondeu sem texto` });
    }
    const { text, finish, model, request_id: requestId } = answer;
    return { text, finish, model, requestId, usage: usageOf(answer) };
  }

  /** The list of models: proves the key without anybody's words. */
  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#settings.model, RETIRED);
    if (retired) throw retired;
    await this.#json('/v1/models', {}, signal);
  }

  async #json(path: string, init: RequestInit, signal: AbortSignal): Promise<unknown> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#apiKey}` };
    const { body } = await requestJson(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${urlOf(this.#settings)}${path}`,
      init: { ...init, headers },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
    return body;
  }
}

/** `llm/acme`. */
export const acmeLlm: ProviderManifest<'llm'> = {
  kind: 'llm',
  vendor: 'acme',
  id: 'acme',
  title: TITLE,
  settings: settingsSchema,
  models: [DEFAULT_MODEL],
  capabilities: {
    structured: 'strict',
    tools: false,
    streaming: false,
    temperature: true,
    contextTokens: 128_000,
    region: vendor.region,
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): AcmeLlm {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AcmeLlm(apiKey, parseConfig(settingsSchema, settings), ctx);
}

function bodyOf(model: string, { messages, schema, temperature, maxTokens }: LlmRequest): Record<string, unknown> {
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    ...(schema ? { json_schema: schema } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
}
