import {
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  requestOk,
  retiredModel,
  spokenBody,
  type Tts,
  type TtsEvent,
  type TtsRequest,
  textToSpeak,
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
import { SAMPLE_RATES, speechBody } from './tts-wire.ts';

const MAX_CHARS = 2000;

/** One request per text. No time-out and no second try: those are the core's. */
class AcmeTts implements Tts {
  readonly #apiKey: string;
  readonly #settings: AcmeSettings;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, settings: AcmeSettings, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#ctx = ctx;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    const { model } = this.#settings;
    const text = textToSpeak(TITLE, request, MAX_CHARS);
    if (request.encoding !== 'pcm_s16le' || !SAMPLE_RATES.includes(request.sampleRateHz)) {
      const message = `${TITLE}: não há ${request.encoding} a ${request.sampleRateHz} Hz`;
      throw new ProviderError({ code: 'unsupported', blame: 'core', message });
    }
    const init = { method: 'POST', body: JSON.stringify(speechBody(model, request)) };
    const response = await this.#request('/v1/speech', init, signal);
    const usage = [{ unit: 'character' as const, quantity: text.length, of: 'text_in' as const, model }];
    yield* spokenBody({ vendor: TITLE, response, encoding: request.encoding, signal, usage });
  }

  /** The list of models: proves the key, and nothing is spoken. */
  async probe(signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, this.#settings.model, RETIRED);
    if (retired) throw retired;
    const response = await this.#request('/v1/models', {}, signal);
    await response.body?.cancel();
  }

  #request(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.#apiKey}` };
    return requestOk(this.#ctx.fetch, {
      vendor: TITLE,
      url: `${urlOf(this.#settings)}${path}`,
      init: { ...init, headers },
      signal,
      refuse: (response, refused) => refusal(response, refused, this.#apiKey),
    });
  }
}

/** `tts/acme`. */
export const acmeTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'acme',
  id: 'acme',
  title: TITLE,
  settings: settingsSchema,
  models: [DEFAULT_MODEL],
  capabilities: {
    streaming: true,
    languages: ['pt-BR', 'en-US'],
    encodings: ['pcm_s16le'],
    sampleRates: SAMPLE_RATES,
    maxChars: MAX_CHARS,
    region: vendor.region,
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  probe: (credential, settings, ctx) => create(credential, settings, ctx).probe(ctx.signal),
};

function create(credential: unknown, settings: unknown, ctx: ProviderContext): AcmeTts {
  const { apiKey } = parseConfig(credentialSchema, credential);
  return new AcmeTts(apiKey, parseConfig(settingsSchema, settings), ctx);
}
