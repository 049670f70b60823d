import { BaltoError } from '../contracts/index.ts';
import { type Covered, uncovered } from './coverage.ts';
import type { RoutingSection, Rule } from './rule.ts';
import { type RuleCheck, ruleErrors, ruleWarnings } from './rule-checks.ts';
import type { RuleNote } from './rule-notes.ts';
import { relationWarnings } from './rule-relations.ts';
import { schemaErrors } from './rule-schema.ts';

/** What is to be said of a rule set before it is saved. With any error it is refused. */
export interface RulesChecked {
  /** Null where it is not even a rule set. */
  rules: Rule[] | null;
  errors: RuleNote[];
  warnings: RuleNote[];
}

/**
 * Holds `{ rules }` against schema, registry and capabilities.
 * @param value untrusted.
 * @param of whose rules they are to be: settings and keys decide what a provider can do.
 */
export function checkRules(value: unknown, of: RuleCheck): RulesChecked {
  const errors = schemaErrors(value);
  if (errors.length > 0) return { rules: null, errors, warnings: [] };
  const { rules } = value as RoutingSection;
  const wrong = ruleErrors(rules, of);
  const warnings = wrong.length > 0 ? [] : [...relationWarnings(rules), ...ruleWarnings(rules, of)];
  return { rules, errors: wrong, warnings };
}

/**
 * The same as a refusal, with what the rules would leave each counter.
 * @param counters as they would be routed under these rules; asked only when the rules themselves are right.
 * @returns the rules and their warnings.
 * @throws BaltoError with the code, field and message of the first error.
 */
export async function acceptRules(
  value: unknown,
  of: RuleCheck,
  counters: (rules: Rule[]) => Iterable<Covered>,
): Promise<{ rules: Rule[]; warnings: RuleNote[] }> {
  const { rules, errors, warnings } = checkRules(value, of);
  const [first] = errors;
  if (first || !rules) throw refusal(first ?? { code: 'BALTO_RULE_SCHEMA', field: 'rules', message: 'valor inválido' });
  const left = await uncovered(counters(rules), ['stt', 'llm']);
  if (left) throw refusal(left);
  return { rules, warnings };
}

function refusal({ code, field, message }: RuleNote): BaltoError {
  return new BaltoError({ code, field, message: `${field}: ${message}` });
}
