import type { AnyProvider, Settings, VendorManifest } from '../contracts/index.ts';
import { Registry } from '../registry/registry.ts';
import { must } from './check.ts';
import { type KitSubject, secretName } from './subject.ts';

/** A property of a settings or credential schema, as far as wrong values can be made of it. */
export interface PropertySchema {
  type?: string;
  title?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: { const?: unknown; type?: string }[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  secret?: boolean;
}

export function propertiesOf(schema: unknown): Record<string, PropertySchema> {
  return (schema as { properties?: Record<string, PropertySchema> } | undefined)?.properties ?? {};
}

/** A value of a type that the property does not take. */
export function wrongType({ type }: PropertySchema): unknown {
  return type === 'string' || type === undefined ? { kit: 'not a value of this type' } : 'not a value of this type';
}

/** Values of the right type that the property's own limits exclude. */
export function wrongValues(property: PropertySchema): unknown[] {
  const wrong: unknown[] = [];
  const { minimum, maximum, minLength = 0, maxLength, pattern } = property;
  const known = property.enum ?? property.anyOf?.map((each) => each.const);
  if (known?.every((each) => typeof each === 'string')) wrong.push('nenhum-destes');
  if (minimum !== undefined) wrong.push(minimum - 1);
  if (maximum !== undefined) wrong.push(maximum + 1);
  if (minLength > 0) wrong.push('');
  if (maxLength !== undefined) wrong.push('x'.repeat(maxLength + 1));
  if (pattern !== undefined && !new RegExp(pattern, 'u').test('\n')) wrong.push('\n');
  return wrong;
}

/** Fails unless Balto refuses `settings` and names `field`, as it does before anything is saved or started. */
export function mustRefuse(vendor: VendorManifest, provider: AnyProvider, settings: Settings, field: string): void {
  const registry = new Registry();
  registry.register(vendor, [provider]);
  must(refusedField(() => registry.validateSettings(provider, settings))?.endsWith(`.${field}`) === true, named(field));
}

type Keyed = Pick<KitSubject, 'vendor' | 'credential' | 'keyOptional'>;

/** Fails unless the key is marked secret, has a variable, and is refused by name when it is wrong, or absent and needed. */
export function mustAskForKey({ vendor, credential, keyOptional = false }: Keyed): void {
  const secret = secretName(vendor);
  must(secret !== undefined, 'one property of the credential is marked secret');
  must((vendor.env ?? []).length > 0, 'a variable that holds the key');
  const { [secret]: _key, ...rest } = { ...credential };
  if (!keyOptional) mustRefuseCredential(vendor, rest, secret);
  else must(refusedField(() => new Registry().validateCredential(vendor, rest)) === undefined, 'no key is accepted');
  mustRefuseCredential(vendor, { ...rest, [secret]: 7 }, secret);
}

/** A credential that create() must refuse; undefined where there is none to refuse. */
export function wrongCredential({ vendor, keyOptional = false }: Keyed): Settings | undefined {
  const secret = secretName(vendor);
  if (!vendor.credential) return undefined;
  return keyOptional && secret !== undefined ? { [secret]: 7 } : {};
}

/** The same for a credential. */
function mustRefuseCredential(vendor: VendorManifest, credential: Settings, field: string): void {
  const refused = refusedField(() => new Registry().validateCredential(vendor, credential));
  must(refused?.endsWith(`.${field}`) === true, named(field));
}

function named(field: string): string {
  return `a wrong "${field}" is refused by that name`;
}

function refusedField(validate: () => unknown): string | undefined {
  try {
    validate();
    return undefined;
  } catch (error) {
    return (error as { field?: string }).field;
  }
}
