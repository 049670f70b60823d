/** Members of `portao` whose text is a name of ours or a vendor's, never something that was said. */
const NAMES = new Set([
  'rule',
  'regra',
  'ruleId',
  'fonte',
  'entrega',
  'address',
  'purpose',
  'model',
  'mode',
  'outcome',
  'code',
  'blame',
  'vendorCode',
  'startedAt',
  'name',
  'explanationFault',
  'tipo',
  'alcance',
  'bula_versao',
  'listVersion',
  'versao',
  'version',
]);

/**
 * What `portao` still says once its words are over their time: rules, choices, counts and times. Text under any other
 * name is taken for something that was said, and goes: a member that is new tomorrow is not kept by mistake.
 */
export function figuresOnly(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(figuresOnly).filter((each) => each !== undefined);
  if (typeof value === 'string') return undefined;
  if (value === null || typeof value !== 'object') return value;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const figure = typeof inner === 'string' && NAMES.has(name) ? inner : figuresOnly(inner);
    if (figure !== undefined) kept[name] = figure;
  }
  return kept;
}
