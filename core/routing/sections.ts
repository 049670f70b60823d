import { type Static, type TSchema, Type } from 'typebox';
import Value from 'typebox/value';
import type { Kind, Settings } from '../contracts/index.ts';
import type { Sections } from '../store/config-snapshot.ts';
import { Addresses, Rule, type TriedRoutingSection } from './rule.ts';
import { Budget, Limits, Offering, type RulesTrial } from './types.ts';
import { VoiceSettings } from './voices.ts';

/** The `providers.<kind>` section. */
export const ProvidersSection = Type.Object(
  {
    use: Type.Optional(Addresses),
    settings: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
        description: 'Ajustes por endereço; valem campo a campo sobre os das camadas de baixo.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ProvidersSection = Static<typeof ProvidersSection>;

/** The `credentials.<vendor>` section: ids of kept keys, in the order of preference. */
export const CredentialsSection = Type.Object(
  {
    ids: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 50,
      description: 'Chaves cadastradas que valem para este fornecedor, por identificador.',
    }),
  },
  { additionalProperties: false },
);

/** Something stored that cannot be used as it stands: it is passed over, and this says why (pt-BR). */
export interface Problem {
  section: string;
  reason: string;
}

const NO_RULES: readonly Rule[] = [];

/** Rules of a stored section; the same array for the same section, for what is remembered of it. */
const rulesBySection = new WeakMap<object, { rules: readonly Rule[]; problems: Problem[] }>();

/** A stored `providers.<kind>`; what is not of its shape is passed over. */
export function providersIn(sections: Sections, kind: Kind, problems: Problem[]): ProvidersSection {
  return read(sections, `providers.${kind}`, ProvidersSection, problems) ?? {};
}

/** Addresses a stored list names, aside from whether anybody knows them. */
export function settingsFor(section: ProvidersSection, address: string): Settings {
  return section.settings?.[address] ?? {};
}

export function limitsIn(sections: Sections, problems: Problem[]): Limits {
  return read(sections, 'limits', Limits, problems) ?? {};
}

export function budgetIn(sections: Sections, problems: Problem[]): Budget | null {
  return read(sections, 'budget', Budget, problems);
}

export function voicesIn(sections: Sections, problems: Problem[]): VoiceSettings {
  return read(sections, 'voices', VoiceSettings, problems) ?? {};
}

/** One that cannot be read asked for something: the narrower choice holds. */
export function offeringIn(sections: Sections, problems: Problem[]): Offering {
  if (!sections.has('offering')) return {};
  return read(sections, 'offering', Offering, problems) ?? { restrictProducts: true };
}

/** The ids a vendor's section names; null: it has none here, and the layer below decides. */
export function keysIn(sections: Sections, vendor: string, problems: Problem[]): readonly string[] | null {
  return read(sections, `credentials.${vendor}`, CredentialsSection, problems)?.ids ?? null;
}

/** The rules that hold their shape, in their stored order. */
export function rulesIn(sections: Sections, problems: Problem[]): readonly Rule[] {
  const section = sections.get('routing');
  if (!section) return NO_RULES;
  let known = rulesBySection.get(section);
  if (!known) {
    known = readRules(section);
    rulesBySection.set(section, known);
  }
  problems.push(...known.problems);
  return known.rules;
}

/** The draft whose rules stand at a counter; without one, rules at a counter mean nothing and are passed over. */
export function trialIn(sections: Sections, problems: Problem[]): RulesTrial | null {
  const section = sections.get('routing');
  if (!section) return null;
  const { draft, of } = section as Partial<TriedRoutingSection>;
  if (typeof draft === 'string' && (of === 'client' || of === 'global')) return { draft, of };
  problems.push({ section: 'routing', reason: 'regras num balcão sem o rascunho que ele prova' });
  return null;
}

function readRules(section: object): { rules: readonly Rule[]; problems: Problem[] } {
  const { rules: stored } = section as { rules?: unknown };
  const problems: Problem[] = [];
  const rules: Rule[] = [];
  for (const [index, rule] of (Array.isArray(stored) ? stored : []).entries()) {
    if (Value.Check(Rule, rule)) rules.push(rule);
    else problems.push({ section: 'routing', reason: `rules.${index} não tem a forma de uma regra` });
  }
  return { rules, problems };
}

function read<S extends TSchema>(sections: Sections, name: string, schema: S, problems: Problem[]): Static<S> | null {
  const value = sections.get(name);
  if (value === undefined) return null;
  if (Value.Check(schema, value)) return value as Static<S>;
  problems.push({ section: name, reason: 'não tem a forma esperada' });
  return null;
}

/** Addresses that rules and budget name beside the lists. */
export function namedBy(rules: readonly Rule[], budget: Budget | null): string[] {
  const ofRules = rules.flatMap(({ use, shadow }) => (shadow ? [...use, shadow.use] : use));
  return [...ofRules, ...(budget?.cheaper?.stt ?? []), ...(budget?.cheaper?.llm ?? [])];
}
