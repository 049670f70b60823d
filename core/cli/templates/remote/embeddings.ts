import {
  type Embeddings,
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  parseWire,
  requestJson,
  retiredModel,
  type Usage,
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
import { embeddingsSchema, unit } from './embeddings-wire.ts';
import { refusal } from './errors.ts';

const DIMENSIONS = 256;
const MAX_TEXTS = 100;

/** One request per list of texts. No time-out and no second try: those are the core's. */
class AcmeEmbeddings implements Embeddings {
  readonly dimensions = DIMENSIONS;
  readonly #apiKey: string;
  readonly #settings: AcmeSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: AcmeSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async embed(
    texts: string[],
    purpose: 'query' | 'document',
    signal: AbortSignal,
  ): Promise<{ vectors: Float32Array[]; usage: Usage[] }> {
    if (texts.length === 0) return { vectors: [], usage: [] };
    if (texts.length > MAX_TEXTS) {
      throw new ProviderError({ code: 'invalid_request', message: `${TITLE}: mais de ${MAX_TEXTS} textos` });
    }
    const { model } = this.#settings;
    const init = { method: 'POST', body: JSON.stringify({ model, purpose, input: texts }) };
    const answer = parseWire(TITLE, embeddingsSchema, await this.#json('/v1/embeddings', init, signal));
    const { vectors, usage } = answer;
    if (vectors.length !== texts.length || vectors.some((vector) => vector.length !== DIMENSIONS)) {
      throw new ProviderError({ code: 'protocol', message: `${TITLE} respondeu com outros vetores` });
    }
    const quantity = usage.input_tokens;
    return { vectors: vectors.map(unit), usage: [{ unit: 'token', quantity, of: 'text_in', model: answer.model }] };
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

/** `embeddings/acme`. */
export const acmeEmbeddings: ProviderManifest<'embeddings'> = {
  kind: 'embeddings',
  vendor: 'acme',
  id: 'acme',
  title: TITLE,
  settings: settingsSchema,
  models: [DEFAULT_MODEL],
  capabilities: { dimensions: DIMENSIONS, maxTexts: MAX_TEXTS, region: vendor.region },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): AcmeEmbeddings {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AcmeEmbeddings(apiKey, parseConfig(settingsSchema, settings), ctx);
}
