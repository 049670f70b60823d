import { createHash } from 'node:crypto';
import {
  BaltoError,
  type Credential,
  type Kind,
  type ProviderManifest,
  type Settings,
  type VendorManifest,
} from '../contracts/index.ts';
import { formatAddress } from './address.ts';
import type { Registry } from './registry.ts';

/** A provider as the configuration wants it: settings filled, keys found, or the reason why it cannot be used. */
export interface ConfiguredProvider {
  address: string;
  kind: Kind;
  provider: ProviderManifest;
  vendor: VendorManifest;
  settings: Settings;
  /** One per key; `[{}]` where the vendor needs none, empty where a key is missing. */
  credentials: Credential[];
  /** One per credential, the same in every process: names a key without telling it. */
  fingerprints: string[];
  /** Client whose settings or keys these are; null: everyone's. Tenants never share an instance of their own. */
  tenant: string | null;
  /** An administrator named its base URL, not this server's operator: its requests pass the egress guard. */
  guarded: boolean;
  /** pt-BR, with the remedy; null when it can be used. */
  missing: string | null;
}

/**
 * Reads a list of addresses against the registry and the environment. A missing key is not an error: the server starts
 * and says so. An unknown address or a wrong setting is, with the field named.
 */
export function configuredProviders(
  registry: Registry,
  kind: Kind,
  addresses: readonly string[],
  env: Record<string, string | undefined>,
): ConfiguredProvider[] {
  const seen = new Set<string>();
  const found: ConfiguredProvider[] = [];
  for (const text of addresses) {
    const parsed = registry.parse(text, kind);
    const address = formatAddress(parsed);
    if (parsed.kind !== kind) throw wrongKind(address, kind);
    if (seen.has(address)) continue;
    seen.add(address);
    const { provider, vendor } = registry.resolve(parsed);
    const credentials = registry.credentialsFromEnv(vendor, env);
    found.push({
      address,
      kind,
      provider,
      vendor,
      settings: registry.settingsFromEnv(provider, env),
      credentials,
      fingerprints: credentials.map(fingerprintOf),
      tenant: null,
      guarded: false,
      missing: credentials.length > 0 ? null : `defina ${(vendor.env ?? []).join(' ou ')} no .env`,
    });
  }
  return found;
}

const configurationKeys = new WeakMap<ConfiguredProvider, string>();

/** Changes with settings and tenant, and is the same for the same ones: two configurations that agree share an instance. */
export function configurationKey(configured: ConfiguredProvider): string {
  let key = configurationKeys.get(configured);
  if (key === undefined) {
    key = fingerprintOf([configured.tenant, configured.guarded, configured.settings]);
    configurationKeys.set(configured, key);
  }
  return key;
}

/** 132 bits of SHA-256: keys are random and long, nothing is learnt of them. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(stable(value)).digest('base64url').slice(0, 22);
}

/** JSON with sorted keys: two orders of the same settings are one configuration. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value as Settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${stable(each)}`).join()}}`;
}

function wrongKind(address: string, kind: Kind): BaltoError {
  const variable = `BALTO_${kind.toUpperCase()}`;
  return new BaltoError({
    code: 'BALTO_CONFIG_KIND',
    message: `"${address}" em ${variable}: só endereços "${kind}/…" valem aqui`,
    field: variable,
  });
}
