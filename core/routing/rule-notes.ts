/** What is wrong, or looks wrong, with a rule set. */
export interface RuleNote {
  /** `BALTO_RULE_…`: stable, for programs. */
  code: string;
  /** Path of the field, as in `rules[2].use[0]`. */
  field: string;
  /** pt-BR. */
  message: string;
}

export function note(code: string, field: string, message: string): RuleNote {
  return { code: `BALTO_RULE_${code}`, field, message };
}
