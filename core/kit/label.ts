import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { BaltoError, SPEC_VERSION } from '../contracts/index.ts';
import { type CheckResult, type KitReport, TIERS, type Tier, tierOf } from './check.ts';

/**
 * What a plugin says of its quality: `quality.json` in its own folder, beside `index.ts` (a package of its own ships it in
 * its root, so it belongs in `files` of package.json). One label per provider, by its address:
 * ```json
 * {
 *   "stt/acme": {
 *     "tier": "gold",
 *     "contract": 1,
 *     "date": "2026-11-21",
 *     "models": ["ear-2"],
 *     "passes": ["vendor-manifest", "…"],
 *     "fails": { "batch-usage": "why, in the kit's words" },
 *     "exempt": { "stream-opens": "why it does not concern this provider" },
 *     "unproven": "only where the kit was not shown something, in pt-BR: um modelo de verdade"
 *   }
 * }
 * ```
 * `models` are those the kit was shown, the default first (empty: it has none). Nobody writes a label by hand: it is
 * {@link labelOf} a report, and every run of the kit is held against it ({@link compareLabel}). Where the kit could not
 * run at all, `tier` is null, nothing passes, and `unproven` says why.
 */
export const QUALITY_FILE = 'quality.json';

/** Characters. */
const MAX_REASON = 500;

const Reasons = Type.Record(Type.String(), Type.String({ maxLength: MAX_REASON }));

export const LabelSchema = Type.Object({
  tier: Type.Unsafe<Tier | null>({ enum: [...TIERS, null] }),
  /** Version of the contracts it was proven on. */
  contract: Type.Integer({ minimum: 1 }),
  /** Day of the run that gave this label. */
  date: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  models: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
  passes: Type.Array(Type.String({ maxLength: 100 }), { maxItems: 1000 }),
  fails: Reasons,
  exempt: Reasons,
  unproven: Type.Optional(Type.String({ maxLength: MAX_REASON })),
});

export type Label = Static<typeof LabelSchema>;

/** The content of a `quality.json`. */
export type Labels = Record<string, Label>;

/** What a label says besides what the kit shows. */
export interface LabelFacts {
  /** Default: the reports' own. */
  models?: readonly string[];
  /** Default: today. */
  date?: Date;
  unproven?: string | undefined;
}

/** One report, or several of the same provider: one per model, the default first. */
export type Shown = KitReport | readonly KitReport[];

/**
 * The label that the kit's reports on one provider earn; ids are in the order of the kit. Of several models a check fails
 * where one fails it, and is exempt only where it is for all. Throws RangeError for reports of different providers.
 */
export function labelOf(shown: Shown, { models, date = new Date(), unproven }: LabelFacts = {}): Label {
  const reports = listOf(shown);
  const results = worstOf(reports);
  const ids = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome);
  const reasons = (outcome: CheckResult['outcome']) =>
    Object.fromEntries(ids(outcome).map(({ id, detail }) => [id, (detail ?? '').slice(0, MAX_REASON)]));
  return {
    tier: tierOf(results),
    contract: SPEC_VERSION,
    date: date.toISOString().slice(0, 10),
    models: [...(models ?? reports.map(({ model }) => model).filter((model) => model !== null))],
    passes: ids('passed').map(({ id }) => id),
    fails: reasons('failed'),
    exempt: reasons('exempt'),
    ...(unproven === undefined ? {} : { unproven }),
  };
}

/**
 * Where a label and what the kit shows differ, a sentence each; empty: the label is exact. A claim that is not shown is a
 * difference, and so is what is shown and not claimed. The date and the words of a failure are none.
 */
export function compareLabel(label: Label | undefined, reports: Shown, facts: LabelFacts = {}): string[] {
  const { address } = listOf(reports)[0];
  const shown = labelOf(reports, facts);
  const differ = (what: string, claimed: unknown, found: unknown) =>
    claimed === found ? [] : [`${address}: the label claims ${what} ${claimed}, the kit shows ${found}`];
  if (!label) return [`${address} has no label; the kit shows tier ${shown.tier}`];
  return [
    ...differ('tier', label.tier, shown.tier),
    ...differ('contract', label.contract, shown.contract),
    ...differ('models', label.models.join(', '), shown.models.join(', ')),
    ...differ('unproven', label.unproven, shown.unproven),
    ...compareChecks(address, outcomesOf(label), outcomesOf(shown)),
  ];
}

function listOf(shown: Shown): readonly [KitReport, ...KitReport[]] {
  const [first, ...others] = 'address' in shown ? [shown] : shown;
  if (!first || others.some(({ address }) => address !== first.address)) {
    throw new RangeError('reports of one provider, one at least');
  }
  return [first, ...others];
}

const WEIGHT = { exempt: 0, passed: 1, failed: 2 } as const;

function worstOf(reports: readonly KitReport[]): CheckResult[] {
  const worst = new Map<string, CheckResult>();
  for (const result of reports.flatMap(({ results }) => results)) {
    const known = worst.get(result.id);
    if (!known || WEIGHT[result.outcome] > WEIGHT[known.outcome]) worst.set(result.id, result);
  }
  return [...worst.values()];
}

/** Reads the text of a `quality.json`. Throws BALTO_QUALITY_LABEL, naming the field at fault. */
export function parseLabels(text: string): Labels {
  const value = parseJson(text);
  const schema = Type.Record(Type.String({ pattern: '^[a-z]+/[a-z0-9][a-z0-9-]*$' }), LabelSchema, {
    additionalProperties: false,
  });
  if (Value.Check(schema, value)) return value as Labels;
  const [error] = Value.Errors(schema, value);
  throw unreadable(error?.instancePath.slice(1) ?? '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('');
  }
}

function unreadable(field: string): BaltoError {
  const message = `${QUALITY_FILE} não é um rótulo de qualidade${field ? `: ${field}` : ''}`;
  return new BaltoError({ code: 'BALTO_QUALITY_LABEL', message, field });
}

type Outcomes = ReadonlyMap<string, string>;

function outcomesOf({ passes, fails, exempt }: Label): Outcomes {
  return new Map([
    ...passes.map((id) => [id, 'passes'] as const),
    ...Object.keys(fails).map((id) => [id, 'fails'] as const),
    ...Object.entries(exempt).map(([id, reason]) => [id, `is exempt (${reason})`] as const),
  ]);
}

function compareChecks(address: string, claimed: Outcomes, shown: Outcomes): string[] {
  const ids = new Set([...claimed.keys(), ...shown.keys()]);
  return [...ids]
    .filter((id) => claimed.get(id) !== shown.get(id))
    .map((id) => {
      const says = claimed.get(id) ?? 'is not mentioned';
      return `${address} ${id}: on the label it ${says}, in the kit it ${shown.get(id) ?? 'is not asked'}`;
    });
}
