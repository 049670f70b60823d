import type { TSchema } from 'typebox';
import {
  type AnyProvider,
  BaltoError,
  type Contracts,
  type Credential,
  type Kind,
  type ProviderContext,
  type ProviderManifest,
  type Settings,
  SPEC_VERSION,
  type VendorManifest,
} from '../contracts/index.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';
import { validateAgainst } from './validation.ts';

/** A provider found by its address, with what the address leaves open filled in. */
export interface Resolved<K extends Kind = Kind> {
  provider: ProviderManifest<K>;
  vendor: VendorManifest;
  /** Model the address names, else undefined: the settings' default holds. */
  model: string | undefined;
}

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Never the shape of an address: an alias cannot take one's place. */
const ALIAS = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * What Balto can use: vendors and their providers, by typed id. One per Fastify instance, never a module-level global,
 * so that two servers live side by side in one process.
 */
export class Registry {
  readonly #vendors = new Map<string, VendorManifest>();
  readonly #providers = new Map<string, AnyProvider>();
  readonly #entries = new Map<string, string>();

  /** Adds a vendor and its providers; all or nothing. Throws BALTO_REGISTRY_* when an id is taken or malformed. */
  register(vendor: VendorManifest, providers: AnyProvider[]): void {
    this.#checkVendor(vendor);
    const keys = providers.map((provider) => this.#checkProvider(vendor, provider));
    const twice = keys.find((key, index) => keys.indexOf(key) !== index);
    if (twice) throw duplicate(twice);
    this.#vendors.set(vendor.id, vendor);
    for (const [index, key] of keys.entries()) {
      const provider = providers[index];
      if (provider) this.#providers.set(key, provider);
    }
  }

  /** Providers of a kind, or all, in the order they were registered. */
  list<K extends Kind>(kind?: K): ProviderManifest<K>[] {
    const all = [...this.#providers.values()];
    return (kind === undefined ? all : all.filter((provider) => provider.kind === kind)) as ProviderManifest<K>[];
  }

  vendors(): VendorManifest[] {
    return [...this.#vendors.values()];
  }

  vendor(id: string): VendorManifest | undefined {
    return this.#vendors.get(id);
  }

  /** Notes that the module at `entry` (a URL) registered every vendor that nothing is noted of yet. */
  cameFrom(entry: string): void {
    for (const id of this.#vendors.keys()) if (!this.#entries.has(id)) this.#entries.set(id, entry);
  }

  /** URL of the module that registered a vendor; undefined for one that was not loaded from a file. */
  entryOf(vendor: string): string | undefined {
    return this.#entries.get(vendor);
  }

  /** The provider an address names. Throws BALTO_REGISTRY_UNKNOWN, listing what there is of that kind. */
  resolve<K extends Kind = Kind>(address: string | Address): Resolved<K> {
    const parsed = typeof address === 'string' ? this.parse(address) : address;
    const provider = this.#providers.get(`${parsed.kind}/${parsed.provider}`);
    const vendor = provider && this.#vendors.get(provider.vendor);
    if (!provider || !vendor) {
      const known = this.list(parsed.kind).map((each) => `${each.kind}/${each.id}`);
      throw new BaltoError({
        code: 'BALTO_REGISTRY_UNKNOWN',
        message: `provedor desconhecido: "${formatAddress(parsed)}" (há: ${known.join(', ') || 'nenhum deste tipo'})`,
      });
    }
    return { provider: provider as unknown as ProviderManifest<K>, vendor, model: parsed.model };
  }

  /**
   * An address as people write it: the typed one, or an alias of a provider (`acme_batch`, `acme_batch:model`). A name
   * that several kinds know needs `kind`. Throws BALTO_REGISTRY_ADDRESS.
   */
  parse(text: string, kind?: Kind): Address {
    const [name = '', ...model] = text.trim().split(':');
    const known = this.list(kind).filter((provider) => provider.aliases?.includes(name));
    const [provider] = known;
    if (!provider) return parseAddress(text);
    if (known.length > 1) throw ambiguous(name, known);
    return { kind: provider.kind, provider: provider.id, model: model.length > 0 ? model.join(':') : undefined };
  }

  /** Settings with defaults filled. Throws BALTO_CONFIG_INVALID with the field named. */
  validateSettings(provider: Pick<ProviderManifest, 'kind' | 'id' | 'settings'>, value: unknown): Settings {
    return validateAgainst(provider.settings, value, `${provider.kind}/${provider.id}`);
  }

  /** A credential as its vendor's schema wants it; `{}` where the vendor needs none. */
  validateCredential(vendor: VendorManifest, value: unknown): Credential {
    return vendor.credential ? validateAgainst(vendor.credential, value, vendor.id) : {};
  }

  /** Settings the environment gives, by the `env` annotation of each property; numbers and booleans are read as such. */
  settingsFromEnv(provider: ProviderManifest, env: Record<string, string | undefined>): Settings {
    const raw: Settings = {};
    for (const [name, property] of properties(provider.settings)) {
      const text = typeof property['env'] === 'string' ? env[property['env']]?.trim() : undefined;
      if (text) raw[name] = readText(text, property['type']);
    }
    return this.validateSettings(provider, raw);
  }

  /**
   * The vendor's keys in the environment, one credential each: the first variable that is set, split at commas. Without
   * one, none; where the vendor works without a key too, one that is empty.
   */
  credentialsFromEnv(vendor: VendorManifest, env: Record<string, string | undefined>): Credential[] {
    if (!vendor.credential) return [{}];
    const secret = properties(vendor.credential).find(([, property]) => property['secret'] === true)?.[0];
    const text = vendor.env?.map((name) => env[name]?.trim()).find((value) => value);
    if (!secret || !text) return secret && !isRequired(vendor.credential, secret) ? [{}] : [];
    return text
      .split(',')
      .map((key) => key.trim())
      .filter((key) => key !== '')
      .map((key) => this.validateCredential(vendor, { [secret]: key }));
  }

  /** Makes one instance. Settings are validated again; the address's model wins over the settings'. */
  async create<K extends Kind>(
    address: string,
    given: { credential: Credential; settings: Settings; ctx: ProviderContext },
  ): Promise<Contracts[K]['instance']> {
    const { provider, vendor, model } = this.resolve<K>(address);
    const settings = this.validateSettings(provider as ProviderManifest, withModel(given.settings, model));
    return provider.create(this.validateCredential(vendor, given.credential), settings, given.ctx);
  }

  /** Capabilities under these settings. */
  capabilities<K extends Kind>(address: string, settings: Settings): Contracts[K]['capabilities'] {
    const { provider, model } = this.resolve<K>(address);
    const { capabilities } = provider;
    return typeof capabilities === 'function' ? capabilities(withModel(settings, model)) : capabilities;
  }

  #checkVendor(vendor: VendorManifest): void {
    if (!ID.test(vendor.id)) throw malformed(vendor.id);
    if (vendor.specVersion !== SPEC_VERSION) {
      throw new BaltoError({
        code: 'BALTO_REGISTRY_SPEC_VERSION',
        message: `o plugin "${vendor.id}" fala a versão ${String(vendor.specVersion)} dos contratos; este Balto fala a ${SPEC_VERSION}`,
        field: 'specVersion',
      });
    }
    if (this.#vendors.has(vendor.id)) throw duplicate(vendor.id);
  }

  #checkProvider(vendor: VendorManifest, provider: AnyProvider): string {
    const key = `${provider.kind}/${provider.id}`;
    if (!ID.test(provider.id)) throw malformed(key);
    if (provider.vendor !== vendor.id) {
      throw new BaltoError({
        code: 'BALTO_REGISTRY_VENDOR',
        message: `o provedor "${key}" diz ser de "${provider.vendor}", mas foi registrado por "${vendor.id}"`,
        field: 'vendor',
      });
    }
    if (this.#providers.has(key)) throw duplicate(key);
    for (const alias of provider.aliases ?? []) this.#checkAlias(provider.kind, alias);
    return key;
  }

  #checkAlias(kind: Kind, alias: string): void {
    if (!ALIAS.test(alias)) throw malformed(alias);
    if (this.list(kind).some((known) => known.aliases?.includes(alias))) throw duplicate(`${kind}: ${alias}`);
  }
}

function ambiguous(name: string, known: readonly ProviderManifest[]): BaltoError {
  const addresses = known.map(({ kind, id }) => `${kind}/${id}`).join(' ou ');
  return new BaltoError({ code: 'BALTO_REGISTRY_ADDRESS', message: `"${name}" pode ser ${addresses}: escreva qual` });
}

function withModel(settings: Settings, model: string | undefined): Settings {
  return model === undefined ? settings : { ...settings, model };
}

function properties(schema: TSchema): [string, Record<string, unknown>][] {
  const found = (schema as Record<string, unknown>)['properties'];
  return typeof found === 'object' && found !== null
    ? Object.entries(found as Record<string, Record<string, unknown>>)
    : [];
}

function isRequired(schema: TSchema, property: string): boolean {
  return ((schema as { required?: string[] }).required ?? []).includes(property);
}

function readText(text: string, type: unknown): unknown {
  if (type === 'boolean') return ['1', 'true', 'yes', 'on'].includes(text.toLowerCase());
  if (type === 'number' || type === 'integer') return Number(text);
  return text;
}

function duplicate(id: string): BaltoError {
  return new BaltoError({ code: 'BALTO_REGISTRY_DUPLICATE', message: `"${id}" já está registrado`, statusCode: 409 });
}

function malformed(id: string): BaltoError {
  return new BaltoError({
    code: 'BALTO_REGISTRY_ID',
    message: `identificador inválido: "${String(id).slice(0, 80)}" (minúsculas, dígitos e hífen)`,
  });
}
