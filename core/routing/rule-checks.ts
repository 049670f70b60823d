import { BaltoError } from '../contracts/index.ts';
import { formatAddress } from '../registry/address.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { coversLanguage } from '../runtime/languages.ts';
import { RESERVED_IDS } from './plan.ts';
import type { RoutedKind, Rule } from './rule.ts';
import { note, type RuleNote } from './rule-notes.ts';
import { type Abilities, abilitiesOf, unknownTag } from './tags.ts';
import type { Effective } from './types.ts';

/** What one rule is held against. */
export interface RuleCheck {
  registry: Registry;
  /** Settings and keys as they hold for whom the rules are. */
  effective: Effective;
  /** BCP 47 of what is spoken there. */
  language: string;
}

type Found = { address: string; configured: ConfiguredProvider | null; able: Abilities | null };

/** What is wrong with each rule by itself. */
export function ruleErrors(rules: readonly Rule[], of: RuleCheck): RuleNote[] {
  const seen = new Set<string>();
  return rules.flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const errors = [...idErrors(rule, seen, field), ...errorsOf(rule, field, of)];
    seen.add(rule.id);
    return errors;
  });
}

/** What of each rule has no effect today: providers without a key. */
export function ruleWarnings(rules: readonly Rule[], of: RuleCheck): RuleNote[] {
  return rules.flatMap((rule, index) =>
    rule.use.flatMap((text, at) => {
      const { configured } = find(text, rule.kind ?? 'stt', of);
      return configured?.missing
        ? [note('UNUSABLE', `rules[${index}].use[${at}]`, `${text}: ${configured.missing}`)]
        : [];
    }),
  );
}

function idErrors({ id }: Rule, seen: ReadonlySet<string>, field: string): RuleNote[] {
  if (seen.has(id)) return [note('DUPLICATE', `${field}.id`, `já há uma regra "${id}"`)];
  if (RESERVED_IDS.has(id)) return [note('RESERVED', `${field}.id`, `"${id}" é nome de uma decisão sem regra`)];
  return [];
}

function errorsOf(rule: Rule, field: string, of: RuleCheck): RuleNote[] {
  const kind = rule.kind ?? 'stt';
  const used = rule.use.map((text) => find(text, kind, of));
  return [
    ...rule.use.flatMap((text, at) => addressErrors(text, `${field}.use[${at}]`, kind, of)),
    ...(rule.when.usable ?? []).flatMap((text, at) => addressErrors(text, `${field}.when.usable[${at}]`, kind, of)),
    ...duplicates(used, `${field}.use`),
    ...used.flatMap((found, at) => languageErrors(rule, found, `${field}.use[${at}]`, of.language)),
    ...(kind === 'stt' ? streamErrors(rule, used[0], field) : []),
    ...tagErrors(rule.must, `${field}.must`, kind, of),
    ...tagErrors(rule.mustNot, `${field}.mustNot`, kind, of),
    ...contradictions(rule, field),
    ...shadowErrors(rule, used, `${field}.shadow.use`, kind, of),
  ];
}

function addressErrors(text: string, field: string, kind: RoutedKind, { registry }: RuleCheck): RuleNote[] {
  try {
    const parsed = registry.parse(text, kind);
    if (parsed.kind !== kind) {
      return [note('KIND', field, `"${formatAddress(parsed)}": esta regra só escolhe endereços ${kind}/…`)];
    }
    registry.resolve(parsed);
    return [];
  } catch (error) {
    if (error instanceof BaltoError) return [note('ADDRESS', field, error.message)];
    throw error;
  }
}

function find(text: string, kind: RoutedKind, { registry, effective }: RuleCheck): Found {
  let address = text;
  try {
    address = formatAddress(registry.parse(text, kind));
    const configured = effective.provider(address);
    if (configured?.kind !== kind) return { address, configured: null, able: null };
    return { address, configured, able: abilitiesOf(registry, configured) };
  } catch {
    // No address, or a plugin that does not say what it can: said where the address is checked, and passed over when deciding.
    return { address, configured: null, able: null };
  }
}

function duplicates(used: readonly Found[], field: string): RuleNote[] {
  const addresses = used.map(({ address }) => address);
  return addresses.flatMap((address, at) =>
    addresses.indexOf(address) < at ? [note('DUPLICATE', `${field}[${at}]`, `${address} já está nesta regra`)] : [],
  );
}

/** `pt` is met by who speaks `pt-BR` alone: it is what is spoken there. */
function languageErrors({ when }: Rule, { address, able }: Found, field: string, spoken: string): RuleNote[] {
  const known = able?.languages;
  if (!known) return [];
  const lacks = (when.language ?? [spoken]).find(
    (wanted) => !coversLanguage(known, wanted) && !(coversLanguage([wanted], spoken) && coversLanguage(known, spoken)),
  );
  return lacks === undefined ? [] : [note('LANGUAGE', field, `${address} não atende o idioma ${lacks}`)];
}

function streamErrors(rule: Rule, first: Found | undefined, field: string): RuleNote[] {
  if (rule.mode !== 'stream') return [];
  const asked = (['durationMs', 'snrDb', 'class'] as const).filter((name) => rule.when[name] !== undefined);
  if (asked.length > 0) {
    const why = `${asked.join(', ')} só se conhece no fim da fala, e stream começa com ela: use mode segment ou tire a condição`;
    return [note('STREAM_CONDITION', `${field}.mode`, why)];
  }
  if (!first?.able || first.able.streaming) return [];
  return [note('STREAM', `${field}.use[0]`, `${first.address} não transcreve durante a fala: use mode segment`)];
}

function tagErrors(
  tags: readonly string[] | undefined,
  field: string,
  kind: RoutedKind,
  { registry }: RuleCheck,
): RuleNote[] {
  return (tags ?? []).flatMap((tag, at) => {
    const why = unknownTag(tag, kind, registry);
    return why === null ? [] : [note('TAG', `${field}[${at}]`, why)];
  });
}

function contradictions({ must = [], mustNot = [] }: Rule, field: string): RuleNote[] {
  const at = must.findIndex((tag) => mustNot.includes(tag));
  return at < 0 ? [] : [note('CONTRADICTION', `${field}.must[${at}]`, `"${must[at]}" é exigida e proibida`)];
}

function shadowErrors(
  { shadow }: Rule,
  used: readonly Found[],
  field: string,
  kind: RoutedKind,
  of: RuleCheck,
): RuleNote[] {
  if (!shadow) return [];
  const wrong = addressErrors(shadow.use, field, kind, of);
  const { address } = find(shadow.use, kind, of);
  const isCandidate = used.some((each) => each.address === address);
  if (!isCandidate) return wrong;
  return [note('SHADOW', field, `${address} já é candidato desta regra: a comparação pede outro provedor`)];
}
