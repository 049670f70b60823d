import Type from 'typebox';
import { ProviderError, parseConfig, retiredModel, type VendorManifest } from '../../core/contracts/index.ts';

/** A server that speaks this API: what the plugin must know of it beyond the wire. */
export interface Preset {
  vendor: VendorManifest;
  /** Variables are `NAME_MODEL`, `NAME_BASE_URL`, …; ids are the vendor's. */
  prefix: string;
  /** With the version; absent: the operator has to name it. */
  baseUrl?: string;
  /** Name that is out of service → nearest current one. */
  retired?: Readonly<Record<string, string>>;
}

export const requiredKey = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

/** A server of one's own mostly has none. */
export const optionalKey = Type.Object({
  apiKey: Type.Optional(Type.String({ title: 'Chave da API, se o servidor pedir', pattern: '^[!-~]+$', secret: true })),
});

/** Every kind's settings name where the server is. */
export function baseUrlOf({ baseUrl, prefix }: Preset) {
  return Type.String({
    title: 'Endereço da API, com a versão (http://servidor:8000/v1)',
    ...(baseUrl === undefined ? {} : { default: baseUrl }),
    pattern: '^https?://[^/]',
    env: `${prefix}_BASE_URL`,
  });
}

export function modelOf(title: string, model: string, env: string) {
  return Type.String({ title, default: model, minLength: 1, env });
}

export function wholeOf(title: string, env: string, value: number, limits: { minimum: number; maximum: number }) {
  return Type.Integer({ title, env, default: value, ...limits });
}

/** The key, where there is one. Throws `invalid_request` for a credential of another shape. */
export function keyOf({ vendor }: Preset, credential: unknown): { apiKey?: string } {
  if (!vendor.credential) return {};
  const { apiKey } = parseConfig(vendor.credential === requiredKey ? requiredKey : optionalKey, credential);
  return apiKey === undefined ? {} : { apiKey };
}

/** `local` on this machine; where else a server stands, only its operator knows. */
export function regionOf({ vendor }: Preset, settings: Record<string, unknown>): string {
  const { baseUrl } = settings;
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) return vendor.region;
  return /^(localhost|127\.|\[::1\])/.test(new URL(baseUrl).hostname) ? 'local' : vendor.region;
}

/** Throws when `model` is a name the vendor has retired. */
export function refuseRetired({ vendor, retired = {} }: Preset, model: string): void {
  const error = retiredModel(vendor.title, model, retired);
  if (error) throw error;
}

/**
 * Throws when the server lists its models and `model` is none of them. A server that lists nothing proves nothing, and a
 * tag may be left out: `llama3.1` is `llama3.1:latest`.
 */
export function refuseUnlisted({ vendor }: Preset, model: string, listed: readonly string[]): void {
  if (listed.length === 0 || model === ANY_MODEL || listed.includes(model) || listed.includes(`${model}:latest`))
    return;
  const known = listed.filter((name) => /^[\w./:-]{1,60}$/.test(name)).slice(0, 3);
  const hint = known.length > 0 ? ` (há, por exemplo, ${known.map((name) => `«${name}»`).join(', ')})` : '';
  const message = `${vendor.title} não tem o modelo «${model.slice(0, 60)}»${hint}`;
  throw new ProviderError({ code: 'invalid_request', blame: 'config', message });
}

/** Servers with one model take any name. */
export const ANY_MODEL = 'default';
