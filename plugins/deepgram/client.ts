import { type ProviderContext, requestJson, requestOk, type SttLinkTarget } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { refusal } from './errors.ts';

/** One key at one address: what the vendor's kinds share. */
export class DeepgramClient {
  readonly #apiKey: string;
  readonly #baseUrl: string;
  readonly #ctx: ProviderContext;

  constructor(apiKey: string, baseUrl: string, ctx: ProviderContext) {
    this.#apiKey = apiKey;
    this.#baseUrl = baseUrl.replace(/\/+$/, '');
    this.#ctx = ctx;
  }

  json(path: string, init: RequestInit, signal: AbortSignal): Promise<{ body: unknown; headers: Headers }> {
    return requestJson(this.#ctx.fetch, this.#asked(path, init, signal));
  }

  /** The answer with its body unread. */
  open(path: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
    return requestOk(this.#ctx.fetch, this.#asked(path, init, signal));
  }

  /** Where a live stream connects to, and how a refusal is read. */
  socket(path: string, signal: AbortSignal): Omit<SttLinkTarget, 'onMessage' | 'onClose'> {
    return {
      url: `${this.#baseUrl.replace(/^http/, 'ws')}${path}`,
      headers: this.#headers,
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, this.#apiKey),
    };
  }

  /** The key's projects: no audio, no cost. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.json('/v1/projects', {}, signal);
  }

  get #headers(): Record<string, string> {
    return { authorization: `Token ${this.#apiKey}` };
  }

  #asked(path: string, init: RequestInit, signal: AbortSignal) {
    return {
      vendor: TITLE,
      url: `${this.#baseUrl}${path}`,
      init: { ...init, headers: { ...(init.headers as Record<string, string>), ...this.#headers } },
      signal,
      refuse: (response: Response, body: unknown) => refusal(response.status, response.headers, body, this.#apiKey),
    };
  }
}
