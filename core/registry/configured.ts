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
      missing: credentials.length > 0 ? null : `defina ${(vendor.env ?? []).join(' ou ')} no .env`,
    });
  }
  return found;
}

function wrongKind(address: string, kind: Kind): BaltoError {
  const variable = `BALTO_${kind.toUpperCase()}`;
  return new BaltoError({
    code: 'BALTO_CONFIG_KIND',
    message: `"${address}" em ${variable}: só endereços "${kind}/…" valem aqui`,
    field: variable,
  });
}
