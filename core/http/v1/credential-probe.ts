import type { Credential, ProviderError, VendorManifest } from '../../contracts/index.ts';
import type { Place } from '../../store/config-table.ts';
import type { HttpOptions } from '../options.ts';
import { refuse } from '../problem.ts';

/** The vendor of a route about its keys. @throws 404; 400 where it takes none. */
export function vendorOf({ configDoors }: HttpOptions, id: string): VendorManifest {
  const vendor = configDoors.registry.vendor(id);
  if (!vendor) throw refuse(404, 'BALTO_VENDOR_UNKNOWN', 'Não há esse fornecedor (GET /api/v1/providers).', 'vendor');
  if (!vendor.credential) throw refuse(400, 'BALTO_VENDOR_KEYLESS', `${vendor.title} não usa chave.`, 'vendor');
  return vendor;
}

/** Name of the property that the vendor's schema marks as the secret. */
export function secretName({ credential: schema }: VendorManifest): string | null {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { secret?: boolean }> };
  return Object.keys(properties).find((each) => properties[each]?.secret === true) ?? null;
}

/**
 * What a vendor says of a key that nobody has kept, with the settings that hold in that place (so the egress guard holds
 * too). Null: it has no way to be asked.
 */
export async function askedOf(
  { configDoors }: HttpOptions,
  place: Place,
  vendor: VendorManifest,
  credential: Credential,
): Promise<{ address: string; error: ProviderError | null } | null> {
  const effective = configDoors.configuration.for(place.clientId ?? '', place.counterId);
  const asked = configDoors.registry.list().find((each) => each.vendor === vendor.id && each.probe);
  const configured = asked && effective.provider(`${asked.kind}/${asked.id}`);
  if (!configured) return null;
  const error = await configDoors.probe({ ...configured, credentials: [credential], fingerprints: [''] }, 0);
  return { address: configured.address, error };
}
