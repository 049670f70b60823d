import { type Conditions, compileConditions } from './conditions.ts';
import type { RoutedKind, Rule } from './rule.ts';

/** A rule ready to be evaluated; plain data. */
export interface CompiledRule {
  id: string;
  title: string | null;
  conditions: Conditions;
  /** Conditions that hold or not as long as the configuration does. */
  language: readonly string[] | null;
  usable: readonly string[];
  use: readonly string[];
  must: readonly string[];
  mustNot: readonly string[];
  /** It states constraints: where no candidate meets them nobody is asked, and no rule behind it. */
  hard: boolean;
  mode: 'segment' | 'stream';
  hedge: boolean;
  shadow: { use: string; share: number } | null;
}

const compiled = new WeakMap<readonly Rule[], Record<RoutedKind, readonly CompiledRule[]>>();

/** The enabled rules of each kind in the order they are asked: by priority, then as they stand. Made once per array. */
export function compileRules(rules: readonly Rule[]): Record<RoutedKind, readonly CompiledRule[]> {
  const known = compiled.get(rules);
  if (known) return known;
  const ordered = rules.filter(({ enabled }) => enabled !== false).sort((a, b) => a.priority - b.priority);
  const made = {
    stt: ordered.filter(({ kind }) => kind !== 'llm').map(compileRule),
    llm: ordered.filter(({ kind }) => kind === 'llm').map(compileRule),
  };
  compiled.set(rules, made);
  return made;
}

function compileRule(rule: Rule): CompiledRule {
  const { must = [], mustNot = [] } = rule;
  return {
    id: rule.id,
    title: rule.title ?? null,
    conditions: compileConditions(rule.when),
    language: rule.when.language ?? null,
    usable: rule.when.usable ?? [],
    use: rule.use,
    must,
    mustNot,
    hard: must.length + mustNot.length > 0,
    mode: rule.mode,
    hedge: rule.hedge ?? false,
    shadow: rule.shadow ?? null,
  };
}
