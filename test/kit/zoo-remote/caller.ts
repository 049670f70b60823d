import Type from 'typebox';
import {
  asRecord,
  asText,
  type Credential,
  type ProviderContext,
  type ProviderError,
  parseConfig,
  parseWire,
  refusalError,
  requestOk,
  retiredModel,
  type Settings,
  type VendorManifest,
} from '../../../core/contracts/index.ts';

export const TITLE = 'Acme';

export const credentialSchema = Type.Object({ apiKey: Type.String({ title: 'Chave', minLength: 1, secret: true }) });

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'acme-2', minLength: 1 }),
  baseUrl: Type.String({ title: 'Endereço', default: 'https://api.acme.example', pattern: '^https?://' }),
});

export const vendor: VendorManifest = {
  id: 'acme',
  title: TITLE,
  specVersion: 1,
  credential: credentialSchema,
  env: ['ACME_API_KEY'],
  hosts: ['api.acme.example'],
  region: 'br',
};

const modelsSchema = Type.Object({ models: Type.Array(Type.String()) });

/** What the reference's providers share: one request, one attempt, typed errors. */
export class Caller {
  readonly model: string;
  readonly ctx: ProviderContext;
  readonly #apiKey: string;
  readonly #baseUrl: string;

  constructor(credential: Credential, settings: Settings, ctx: ProviderContext) {
    this.#apiKey = parseConfig(credentialSchema, credential).apiKey;
    const { model, baseUrl } = parseConfig(settingsSchema, settings);
    this.model = model;
    this.#baseUrl = baseUrl;
    this.ctx = ctx;
  }

  /** The accepted answer, its body unread. */
  ask(path: string, body: object | undefined, signal: AbortSignal): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' };
    return requestOk(this.ctx.fetch, {
      vendor: TITLE,
      url: `${this.#baseUrl}${path}`,
      init: body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers },
      signal,
      refuse: (response, refused) => this.#refusal(response, refused),
    });
  }

  async probe(): Promise<void> {
    const retired = retiredModel(TITLE, this.model, { 'acme-1': 'acme-2' });
    if (retired) throw retired;
    const response = await this.ask('/models', undefined, this.ctx.signal);
    parseWire(TITLE, modelsSchema, await response.json());
  }

  #refusal(response: Response, body: unknown): ProviderError {
    const error = asRecord(asRecord(body)['error']);
    return refusalError({
      vendor: TITLE,
      status: response.status,
      headers: response.headers,
      vendorCode: asText(error['code']),
      vendorMessage: asText(error['message']),
      secrets: [this.#apiKey],
    });
  }
}
