import { type CompiledRule, compileRules } from './compile.ts';
import { asksTheUtterance, type Conditions, type Windows } from './conditions.ts';
import type { Range, RoutedKind, Rule } from './rule.ts';
import { note, type RuleNote } from './rule-notes.ts';

const DAY_MINUTES = 1440;

/** What a rule set says that cannot have been meant: rules that never match, never get their turn, or never stream. */
export function relationWarnings(rules: readonly Rule[]): RuleNote[] {
  const compiled = compileRules(rules);
  const fieldOf = new Map(rules.map(({ id }, index) => [id, `rules[${index}]`]));
  const found = (['stt', 'llm'] as const).flatMap((kind) =>
    compiled[kind].flatMap((rule, at) =>
      warningsOf(rule, compiled[kind].slice(0, at), kind, fieldOf.get(rule.id) ?? 'rules'),
    ),
  );
  return found.sort((a, b) => a.field.localeCompare(b.field, 'en', { numeric: true }));
}

function warningsOf(rule: CompiledRule, before: readonly CompiledRule[], kind: RoutedKind, field: string): RuleNote[] {
  const never = neverMatches(rule, kind);
  if (never) return [note('NEVER', `${field}.${never.field}`, `esta regra nunca vale: ${never.why}`)];
  const alive = before.filter((each) => !neverMatches(each, kind));
  const cover = alive.find((each) => each.use.length > 0 && covers(each, rule));
  if (cover) return [note('SHADOWED', field, `a regra "${cover.id}", que vem antes, vale sempre que esta valeria`)];
  if (rule.mode !== 'stream' || kind === 'llm') return [];
  const waits = alive.find((each) => asksTheUtterance(each.conditions) && covers(anyUtterance(each), rule));
  if (!waits) return [];
  const why = `a regra "${waits.id}", que vem antes, só se decide no fim da fala: esta nunca transcreverá durante a fala`;
  return [note('NEVER_STREAMS', `${field}.mode`, why)];
}

/** Why a rule can hold for nobody, ever; null: it may. */
function neverMatches(rule: CompiledRule, kind: RoutedKind): { field: string; why: string } | null {
  const { conditions, language, use, hard } = rule;
  if (kind === 'llm' && asksTheUtterance(conditions)) {
    return { field: 'when', why: 'para modelos de linguagem a fala não se conhece' };
  }
  for (const name of ['durationMs', 'snrDb', 'budgetLeft'] as const) {
    const { min, max } = conditions[name] ?? {};
    if (min !== undefined && max !== undefined && min >= max)
      return { field: `when.${name}`, why: 'min não é menor que max' };
  }
  if ((conditions.durationMs?.max ?? 1) <= 0 || (conditions.budgetLeft?.max ?? 1) <= 0) {
    return { field: 'when', why: 'nada é menor que zero' };
  }
  for (const name of ['class', 'counterTags'] as const) {
    if (conditions[name]?.length === 0) return { field: `when.${name}`, why: 'a lista está vazia' };
  }
  if (language?.length === 0) return { field: 'when.language', why: 'a lista está vazia' };
  if (conditions.clock && spans(conditions.clock).length === 0)
    return { field: 'when', why: 'não há dia ou horário em que valha' };
  return use.length === 0 && !hard ? { field: 'use', why: 'não nomeia provedor nenhum' } : null;
}

/** Whether `wide` holds whenever `narrow` does. Each condition for itself: rules that only cover it together are not seen. */
function covers(wide: CompiledRule, narrow: CompiledRule): boolean {
  const [w, n] = [wide.conditions, narrow.conditions];
  const languages =
    wide.language === null || (narrow.language?.every((each) => wide.language?.includes(each)) ?? false);
  return (
    languages &&
    wide.usable.every((address) => narrow.usable.includes(address)) &&
    coversRange(w.durationMs, n.durationMs) &&
    coversRange(w.snrDb, n.snrDb) &&
    coversRange(w.budgetLeft, n.budgetLeft) &&
    coversAny(w.class, n.class) &&
    coversAny(w.counterTags, n.counterTags) &&
    coversClock(w.clock, n.clock)
  );
}

/** The rule as if every utterance met it. */
function anyUtterance(rule: CompiledRule): CompiledRule {
  const conditions: Conditions = { ...rule.conditions, durationMs: null, snrDb: null, class: null };
  return { ...rule, conditions };
}

function coversRange(wide: Range | null, narrow: Range | null): boolean {
  if (!wide) return true;
  if (!narrow) return false;
  const from = wide.min === undefined || (narrow.min !== undefined && narrow.min >= wide.min);
  return from && (wide.max === undefined || (narrow.max !== undefined && narrow.max <= wide.max));
}

function coversAny(wide: readonly string[] | null, narrow: readonly string[] | null): boolean {
  return wide === null || (narrow?.every((each) => wide.includes(each)) ?? false);
}

function coversClock(wide: Windows | null, narrow: Windows | null): boolean {
  if (!wide) return true;
  const outer = spans(wide);
  const inner = narrow ? spans(narrow) : spans({ weekdays: 0b1111111, hours: [{ from: 0, to: DAY_MINUTES }] });
  return inner.every(({ from, to }) => outer.some((each) => each.from <= from && each.to >= to));
}

/** Windows as minutes of a week (Monday 00:00 = 0), joined where they touch; what passes Sunday's midnight comes again at its start. */
function spans({ weekdays, hours }: Windows): { from: number; to: number }[] {
  const week = 7 * DAY_MINUTES;
  const all = [0, 1, 2, 3, 4, 5, 6]
    .filter((day) => (weekdays & (1 << day)) !== 0)
    .flatMap((day) => hours.map(({ from, to }) => ({ from: day * DAY_MINUTES + from, to: day * DAY_MINUTES + to })))
    .flatMap((span) =>
      span.to > week
        ? [
            { ...span, to: week },
            { from: 0, to: span.to - week },
          ]
        : [span],
    )
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  const joined: { from: number; to: number }[] = [];
  for (const span of all) {
    const last = joined.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else joined.push({ ...span });
  }
  return joined;
}
