import type { Credential, VendorManifest } from '../contracts/index.ts';
import type { Registry } from '../registry/registry.ts';
import type { ConfigSnapshot } from '../store/config-snapshot.ts';
import type { OpenedCredential } from '../store/vendor-credentials.ts';
import type { Ground, StoredLayer } from './content.ts';
import { keysIn, type Problem } from './sections.ts';

/** The keys a vendor is called with in one place. */
export interface Keys {
  /** With whose each is; null: the house's. */
  usable: { credential: Credential; clientId: string | null }[];
  /** Client whose choice of keys this is; null: everyone's. */
  tenant: string | null;
  /** What to say where none can be used; pt-BR, with the remedy. */
  missing: string;
}

/**
 * The nearest layer that names keys decides alone; without one, the environment does. A key that cannot be used is passed
 * over, and `problems` says why.
 */
export function keysFor(
  vendor: VendorManifest,
  { registry, env }: Ground,
  layers: readonly StoredLayer[],
  known: ConfigSnapshot['credentials'],
  problems: Problem[],
): Keys {
  for (const layer of layers.toReversed()) {
    const ids = keysIn(layer.sections, vendor.id, problems);
    if (ids === null) continue;
    const looked = ids.map((id) => lookAt(known.get(id), vendor, layer.clientId, registry));
    const reasons = looked.flatMap((each) => (typeof each === 'string' ? [each] : []));
    for (const reason of reasons) problems.push({ section: `credentials.${vendor.id}`, reason });
    return {
      usable: looked.flatMap((each) => (typeof each === 'string' ? [] : [each])),
      tenant: layer.clientId,
      missing: reasons[0] ?? `nenhuma chave de ${vendor.title} foi escolhida`,
    };
  }
  return {
    usable: registry.credentialsFromEnv(vendor, env).map((credential) => ({ credential, clientId: null })),
    tenant: null,
    missing: `defina ${(vendor.env ?? []).join(' ou ')} no .env`,
  };
}

/**
 * Whoever says where requests go is sent no key but its own: the house's, or another client's, would leave the house.
 * @param baseUrlOf the client that named a base URL; null: nobody but the house did.
 */
export function keysAllowedAt(keys: Keys, vendor: VendorManifest, baseUrlOf: string | null): Keys {
  if (baseUrlOf === null || !vendor.credential) return keys;
  const usable = keys.usable.filter(({ clientId }) => clientId === baseUrlOf);
  return { ...keys, usable, missing: 'um endereço próprio (baseUrl) pede uma chave própria' };
}

/** The key as its vendor takes it, or why it is passed over. */
function lookAt(
  key: OpenedCredential | undefined,
  vendor: VendorManifest,
  clientId: string | null,
  registry: Registry,
): { credential: Credential; clientId: string | null } | string {
  if (!key) return 'a chave não existe mais';
  if (key.credential === null) return key.problem ?? 'a chave não existe mais';
  if (key.vendor !== vendor.id) return `a chave não é de ${vendor.title}`;
  if (key.clientId !== null && key.clientId !== clientId) return 'a chave é de outro cliente';
  try {
    return { credential: registry.validateCredential(vendor, key.credential), clientId: key.clientId };
  } catch (error) {
    return (error as Error).message;
  }
}
