import {
  type Llm,
  type LlmEvent,
  type LlmRequest,
  type LlmResult,
  type ProviderContext,
  ProviderError,
  parseConfig,
  readJson,
  requestJson,
  requestOk,
  retiredModel,
} from '../../core/contracts/index.ts';
import { credentialSchema, type GeminiSettings, RETIRED, settingsSchema, TITLE } from './config.ts';
import { geminiRefusal } from './errors.ts';
import { readEvents } from './events.ts';
import { toBody } from './request.ts';
import { type Answered, collect, isFinished, nothingYet, toResult } from './wire.ts';

/** Signatures of calls that are remembered for the turn after; a conversation has a handful. */
const MAX_SIGNATURES = 1000;

/** Made when the first one is asked for; this file and all it imports are loaded then. */
export function create(credential: unknown, given: unknown, ctx: ProviderContext): GeminiChat {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new GeminiChat(apiKey, parseConfig(settingsSchema, given), ctx);
}

class GeminiChat implements Llm {
  readonly #apiKey: string;
  readonly #settings: GeminiSettings;
  readonly #ctx: ProviderContext;
  readonly #model: string;
  readonly #signatures = new Map<string, string>();

  constructor(apiKey: string, settings: GeminiSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
    this.#model = settings.model.replace(/^models\//, '');
  }

  async complete(request: LlmRequest, signal: AbortSignal): Promise<LlmResult> {
    const response = await this.#post('generateContent', request, signal);
    const answered = nothingYet(this.#model);
    collect(answered, await readJson(TITLE, response, signal), this.#newId);
    return this.#finish(answered);
  }

  async *stream(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    const response = await this.#post('streamGenerateContent?alt=sse', request, signal);
    const answered = nothingYet(this.#model);
    for await (const event of readEvents(response, signal)) {
      const text = collect(answered, event, this.#newId);
      if (text !== '') yield { type: 'delta', text };
    }
    if (!isFinished(answered)) {
      throw new ProviderError({ code: 'connection', message: `resposta de ${TITLE} interrompida` });
    }
    const result = this.#finish(answered);
    for (const toolCall of result.toolCalls ?? []) yield { type: 'toolCall', toolCall };
    yield { type: 'result', result };
  }

  /** Asks about the model: no tokens, no cost, and a name the key cannot use is found out before a customer speaks. */
  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#model, RETIRED);
    if (retired) throw retired;
    await requestJson(this.#ctx.fetch, this.#request('', { method: 'GET' }, signal));
  }

  #post(method: string, request: LlmRequest, signal: AbortSignal): Promise<Response> {
    const body = JSON.stringify(toBody(request, this.#settings, this.#signatures));
    return requestOk(this.#ctx.fetch, this.#request(`:${method}`, { method: 'POST', body }, signal));
  }

  #request(method: string, init: { method: string; body?: string }, signal: AbortSignal) {
    return {
      vendor: TITLE,
      url: `${this.#settings.baseUrl.replace(/\/+$/, '')}/models/${this.#model}${method}`,
      init: { ...init, headers: { 'x-goog-api-key': this.#apiKey, 'content-type': 'application/json' } },
      signal,
      refuse: (response: Response, body: unknown) => geminiRefusal(response, body, this.#apiKey),
    };
  }

  #finish(answered: Answered): LlmResult {
    const result = toResult(answered);
    for (const [id, signature] of answered.signatures) this.#signatures.set(id, signature);
    for (const id of this.#signatures.keys()) {
      if (this.#signatures.size <= MAX_SIGNATURES) break;
      this.#signatures.delete(id); // the oldest
    }
    return result;
  }

  /** Older models number no calls; an id must still be new across the conversations of this instance. */
  readonly #newId = (): string => `call_${Math.floor(this.#ctx.random() * 2 ** 52).toString(36)}`;
}

/** The manifest's: throws ProviderError when key or settings do not work. */
export async function probe(credential: unknown, settings: unknown, ctx: ProviderContext): Promise<void> {
  await (await create(credential, settings, ctx)).probe(ctx.signal);
}
