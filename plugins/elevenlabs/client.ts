import {
  isProviderError,
  type ProviderContext,
  requestJson,
  requestOk,
  retiredModel,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { refusal } from './errors.ts';

/** Names out of service, and the nearest current one. */
const RETIRED = {
  scribe_v1_experimental: 'scribe_v2',
  eleven_monolingual_v1: 'eleven_flash_v2_5',
  eleven_multilingual_v1: 'eleven_multilingual_v2',
};

/** One key at one address: what the vendor's kinds share. */
export class ElevenLabsClient {
  readonly apiKey: string;
  readonly #baseUrl: string;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, baseUrl: string, ctx: ProviderContext) {
    this.apiKey = apiKey;
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#ctx = ctx;
  }

  get headers(): Record<string, string> {
    return { 'xi-api-key': this.apiKey };
  }

  /** Address of a WebSocket. */
  socketUrl(path: string): string {
    return `${this.#baseUrl.replace(/^http/, 'ws')}${path}`;
  }

  json(path: string, init: RequestInit, signal: AbortSignal): Promise<{ body: unknown; headers: Headers }> {
    return requestJson(this.#ctx.fetch, this.#asked(path, init, signal));
  }

  /** The answer with its body unread. */
  open(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    return requestOk(this.#ctx.fetch, this.#asked(path, init, signal));
  }

  /** The list of models. A key limited to other endpoints may not read it; being told so proves the key. */
  async probe(model: string, signal: AbortSignal): Promise<void> {
    const retired = retiredModel(TITLE, model, RETIRED);
    if (retired) throw retired;
    try {
      await this.json('/v1/models', {}, signal);
    } catch (error) {
      if (!(isProviderError(error) && error.vendorCode === 'missing_permissions')) throw error;
    }
  }

  #asked(path: string, init: RequestInit, signal: AbortSignal) {
    return {
      vendor: TITLE,
      url: `${this.#baseUrl}${path}`,
      init: { ...init, headers: { ...(init.headers as Record<string, string>), ...this.headers } },
      signal,
      refuse: (response: Response, body: unknown) => refusal(response.status, response.headers, body, this.apiKey),
    };
  }
}
