import type { Range, Rule } from './types.ts';

/** Room between two rules for one more. */
const STEP = 10;

/** The rules with priorities that say their order: the first comes first. */
export function inOrder(rules: readonly Rule[]): Rule[] {
  return rules.map((rule, at) => ({ ...rule, priority: (at + 1) * STEP }));
}

/** As the server asks them: by priority, and where it is the same, as they stand. */
export function sorted(rules: readonly Rule[]): Rule[] {
  return [...rules].sort((a, b) => a.priority - b.priority);
}

/** An id made of a title, that no other rule has. */
export function idFor(title: string, taken: readonly string[]): string {
  const plain = title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);
  const base = plain === '' ? 'regra' : plain;
  let id = base;
  for (let n = 2; taken.includes(id); n++) id = `${base}-${n}`;
  return id;
}

/** Which rule a refusal is about, and where in it: `routing.rules[1].when.durationMs`. */
export function refusedAt(field: string | null): { index: number; path: string } | null {
  const found = /rules[[./](\d+)\]?(?:[./](.*))?$/.exec(field ?? '');
  return found ? { index: Number(found[1]), path: (found[2] ?? '').replaceAll('/', '.') } : null;
}

/** Whether a refusal at `path` is to be shown at the control of `field`. */
export function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}

/** The same object without `name` where there is nothing to say. */
export function withPart<T extends object, K extends keyof T>(of: T, name: K, value: T[K] | undefined): T {
  const { [name]: _before, ...others } = of;
  const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
  return (isEmpty ? others : { ...others, [name]: value }) as T;
}

/** A range with one end set or taken away; without ends there is none. */
export function withEnd(range: Range | undefined, end: 'min' | 'max', value: number | null): Range | undefined {
  const next = withPart(range ?? {}, end, value ?? undefined);
  return Object.keys(next).length > 0 ? next : undefined;
}

/** `a, b` as two. */
export function listOf(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** What became of each rule between two sets, by id; what stayed is left out. */
export function compared(
  mine: readonly Rule[],
  theirs: readonly Rule[],
): { id: string; change: 'added' | 'removed' | 'changed' }[] {
  const text = (rule: Rule | undefined) => (rule ? JSON.stringify(rule, Object.keys(flat(rule)).sort()) : null);
  const ids = [...new Set([...theirs, ...mine].map(({ id }) => id))];
  return ids.flatMap((id) => {
    const [own, other] = [mine.find((rule) => rule.id === id), theirs.find((rule) => rule.id === id)];
    if (text(own) === text(other)) return [];
    return [{ id, change: own === undefined ? 'removed' : other === undefined ? 'added' : 'changed' } as const];
  });
}

/** Every key at any depth: a replacer for `JSON.stringify` that keeps all of them in one order. */
function flat(value: unknown, keys: Record<string, true> = {}): Record<string, true> {
  if (Array.isArray(value)) for (const each of value) flat(each, keys);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      keys[key] = true;
      flat(each, keys);
    }
  }
  return keys;
}
