import { type TSchema, Type } from 'typebox';
import Value from 'typebox/value';
import { type BaltoError, KINDS, type Kind, type Settings } from '../contracts/index.ts';
import { Restrictions } from '../pharmacy/tightening.ts';
import { formatAddress } from '../registry/address.ts';
import type { Registry } from '../registry/registry.ts';
import { PriceList } from '../runtime/price.ts';
import type { ConfigChange } from '../store/config-table.ts';
import type { VendorCredential } from '../store/vendor-credentials-table.ts';
import { TriedRoutingSection } from './rule.ts';
import type { RuleNote } from './rule-notes.ts';
import { fieldErrors } from './rule-schema.ts';
import { CredentialsSection, ProvidersSection } from './sections.ts';
import { Budget, type Effective, Limits, Offering } from './types.ts';
import { checkRules } from './validate.ts';
import { VoiceSettings } from './voices.ts';

/** What a changed section is held against. */
export interface SectionCheck {
  registry: Registry;
  env: Record<string, string | undefined>;
  /** What would hold in the change's place, with all changes made. */
  effective: Effective;
  /** The kept keys that the changes name, by id. */
  keys: ReadonlyMap<string, VendorCredential>;
  /** Says why a base URL may not be used; undefined: it may. */
  refuseUrl(url: string): string | undefined;
  language: string;
}

/** What is to be said of a change before it is in force; with any error it is refused. */
export interface Notes {
  errors: RuleNote[];
  warnings: RuleNote[];
}

const PLAIN: Record<string, TSchema> = {
  limits: Limits,
  budget: Budget,
  prices: PriceList,
  voices: VoiceSettings,
  offering: Offering,
  restrictions: Restrictions,
};

/** Holds one changed section against schemas, registry, kept keys and capabilities. Taking a section away is always right. */
export function checkSection(change: ConfigChange, of: SectionCheck): Notes {
  const { section, value } = change;
  const misplaced = placeError(change);
  if (misplaced) return wrong(misplaced);
  if (value === null) return { errors: [], warnings: [] };
  const [head, tail = ''] = split(section);
  if (head === 'routing') return prefixed(section, checkRules(change.counterId === null ? value : rulesOf(value), of));
  const plain = PLAIN[head];
  if (plain) return wrong(...shapeErrors(section, plain, value));
  if (head === 'providers') return checkProviders(section, tail as Kind, value, of);
  return wrong(...checkKeys(change, tail, value, of));
}

/** Rules stand at a counter only as what it tries of a draft; what they are is checked rule by rule. */
const Tried = Type.Object(
  { ...TriedRoutingSection.properties, rules: Type.Array(Type.Unknown()) },
  { additionalProperties: false },
);

/** What is no section at all, or cannot stand where it is said. */
function placeError({ section, clientId, counterId, value }: ConfigChange): RuleNote | null {
  const [head, tail] = split(section);
  const isNamed = head === 'providers' || head === 'credentials';
  const isKnown = isNamed
    ? tail !== undefined
    : tail === undefined && (head === 'routing' || Object.hasOwn(PLAIN, head));
  if (!isKnown || (head === 'providers' && !KINDS.includes(tail as Kind))) {
    return note('SECTION', section, 'não há essa seção na configuração');
  }
  if (head === 'prices' && clientId !== null) return note('PLACE', section, 'preços valem para todos: só globais');
  if (head === 'restrictions' && (clientId === null || counterId !== null)) {
    return note('PLACE', section, 'restrições são de um cliente');
  }
  if (head === 'routing' && counterId !== null && value !== null && !Value.Check(Tried, value)) {
    return note('PLACE', section, 'regras são do cliente ou globais; para um balcão, use etiquetas');
  }
  return null;
}

function rulesOf(tried: object): object {
  const { rules } = tried as TriedRoutingSection;
  return { rules };
}

function split(section: string): [head: string, tail: string | undefined] {
  const dot = section.indexOf('.');
  return dot < 0 ? [section, undefined] : [section.slice(0, dot), section.slice(dot + 1)];
}

function checkProviders(section: string, kind: Kind, value: object, of: SectionCheck): Notes {
  const shape = shapeErrors(section, ProvidersSection, value);
  if (shape.length > 0) return wrong(...shape);
  const { use = [], settings = {} } = value as ProvidersSection;
  const errors = [
    ...use.flatMap((text, index) => addressErrors(text, kind, `${section}.use[${index}]`, of)),
    ...Object.entries(settings).flatMap(([text, given]) => settingsErrors(text, given, kind, section, of)),
  ];
  const warnings =
    errors.length > 0 ? [] : use.flatMap((text, index) => unusable(text, `${section}.use[${index}]`, of));
  return { errors, warnings };
}

function addressErrors(text: string, kind: Kind, field: string, { registry }: SectionCheck): RuleNote[] {
  try {
    const parsed = registry.parse(text, kind);
    registry.resolve(parsed);
    if (parsed.kind === kind) return [];
    return [note('ADDRESS', field, `"${formatAddress(parsed)}" não é um provedor ${kind}`)];
  } catch (error) {
    return [note('ADDRESS', field, (error as BaltoError).message)];
  }
}

/** Settings are held against their provider's schema, over what the environment gives; the field at fault is named. */
function settingsErrors(text: string, given: Settings, kind: Kind, section: string, of: SectionCheck): RuleNote[] {
  const field = `${section}.settings.${text}`;
  const wrongAddress = addressErrors(text, kind, field, of);
  if (wrongAddress.length > 0) return wrongAddress;
  const { registry, env } = of;
  try {
    const { provider } = registry.resolve(registry.parse(text, kind));
    registry.validateSettings(provider, { ...registry.settingsFromEnv(provider, env), ...given });
  } catch (error) {
    const { message, field: at = '' } = error as BaltoError;
    return [note('SETTINGS', `${field}${at.slice(at.indexOf('.'))}`, message)];
  }
  const { baseUrl } = given;
  const refused = typeof baseUrl === 'string' ? of.refuseUrl(baseUrl) : undefined;
  return refused === undefined ? [] : [note('EGRESS', `${field}.baseUrl`, refused)];
}

function unusable(text: string, field: string, { effective }: SectionCheck): RuleNote[] {
  const missing = effective.provider(text)?.missing ?? null;
  return missing === null ? [] : [note('UNUSABLE', field, `${text}: ${missing}`)];
}

function checkKeys({ section, clientId }: ConfigChange, vendorId: string, value: object, of: SectionCheck): RuleNote[] {
  const vendor = of.registry.vendor(vendorId);
  if (!vendor) return [note('SECTION', section, `este Balto não tem o fornecedor "${vendorId.slice(0, 80)}"`)];
  const shape = shapeErrors(section, CredentialsSection, value);
  if (shape.length > 0) return shape;
  return (value as { ids: string[] }).ids.flatMap((id, index) => {
    const key = of.keys.get(id);
    const isTheirs = key && (key.clientId === null || key.clientId === clientId);
    const field = `${section}.ids[${index}]`;
    // Of another client's key nothing is said, not even that it is there.
    if (!isTheirs) return [note('KEY', field, 'não há essa chave')];
    if (key.vendor !== vendorId) return [note('KEY', field, `a chave "${key.label}" não é de ${vendor.title}`)];
    return key.disabledAt ? [note('KEY', field, `a chave "${key.label}" foi desativada`)] : [];
  });
}

function shapeErrors(section: string, schema: TSchema, value: unknown): RuleNote[] {
  return fieldErrors(schema, value).map(({ field, message }) =>
    note('SCHEMA', field === '' ? section : `${section}.${field}`, message),
  );
}

function prefixed(section: string, { errors, warnings }: Notes): Notes {
  const within = (each: RuleNote) => ({ ...each, field: `${section}.${each.field}` });
  return { errors: errors.map(within), warnings: warnings.map(within) };
}

function wrong(...errors: RuleNote[]): Notes {
  return { errors, warnings: [] };
}

/** `BALTO_CONFIG_…`: stable, for programs. */
export function note(code: string, field: string, message: string): RuleNote {
  return { code: `BALTO_CONFIG_${code}`, field, message };
}
