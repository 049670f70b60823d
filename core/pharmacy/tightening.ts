import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import type { CatalogueCandidate } from './catalogue.ts';
import type { Names } from './otc-names.ts';

/**
 * What a pharmacist may ask for beyond the list. Every kind takes something away; there is none that gives: not this
 * product, substance, tag or rule; a higher age; a person instead of a product.
 */
export const RESTRICTION_KINDS = ['produto', 'substancia', 'tag', 'regra', 'idade_minima', 'farmaceutico'] as const;
export type RestrictionKind = (typeof RESTRICTION_KINDS)[number];

export const Restriction = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    kind: Type.Enum([...RESTRICTION_KINDS]),
    target: Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' }),
    minAgeYears: Type.Union([Type.Integer({ minimum: 1, maximum: 120 }), Type.Null()]),
    why: Type.String({ minLength: 1, maxLength: 500 }),
    by: Type.String({ minLength: 1, maxLength: 120 }),
    at: Type.String({ minLength: 1, maxLength: 40 }),
  },
  { additionalProperties: false },
);
export type Restriction = Static<typeof Restriction>;

/** Most restrictions of one client. */
export const MAX_RESTRICTIONS = 500;

/** The `restrictions` section of a client's configuration. */
export const Restrictions = Type.Object(
  { items: Type.Array(Restriction, { maxItems: MAX_RESTRICTIONS }) },
  { additionalProperties: false },
);
export type Restrictions = Static<typeof Restrictions>;

/** A client's restrictions, ready for the gate. */
export interface Tightening {
  products: ReadonlyMap<number, Restriction>;
  substances: ReadonlyMap<string, Restriction>;
  tags: ReadonlyMap<string, Restriction>;
  rules: ReadonlyMap<string, Restriction>;
  /** By rule id, or `*`. */
  ages: ReadonlyMap<string, Restriction>;
  /** By substance, tag, rule id, or `*`: a person instead of a product. */
  pharmacist: ReadonlyMap<string, Restriction>;
  /** What is stored cannot be read: nothing is offered until it can. */
  unreadable: boolean;
}

export const NO_TIGHTENING: Tightening = compileRestrictions([], { substance: (text) => text });

const compiled = new WeakMap<object, Tightening>();

/** What a stored section means; once per section. One that is not of its shape closes everything: what it asked for is not known. */
export function tighteningOf(section: object | undefined, names: Names): Tightening {
  if (section === undefined) return NO_TIGHTENING;
  let known = compiled.get(section);
  if (!known) {
    known = Value.Check(Restrictions, section)
      ? compileRestrictions(section.items, names)
      : { ...NO_TIGHTENING, unreadable: true };
    compiled.set(section, known);
  }
  return known;
}

function compileRestrictions(items: readonly Restriction[], names: Pick<Names, 'substance'>): Tightening {
  const of = (wanted: RestrictionKind, key: (target: string) => string = (target) => target) =>
    new Map(items.filter((item) => item.kind === wanted).map((item) => [key(item.target), item]));
  const ages = new Map<string, Restriction>();
  for (const item of items) {
    if (item.kind !== 'idade_minima' || item.minAgeYears === null) continue;
    const other = ages.get(item.target);
    if (!other || (other.minAgeYears ?? 0) < item.minAgeYears) ages.set(item.target, item);
  }
  const substance = (target: string) => names.substance(target);
  return {
    products: new Map([...of('produto')].map(([target, item]) => [Number(target), item])),
    substances: of('substancia', substance),
    tags: of('tag'),
    rules: of('regra'),
    ages,
    pharmacist: new Map([...of('farmaceutico'), ...of('farmaceutico', substance)]),
    unreadable: false,
  };
}

/** The restriction that keeps an item from being offered, whatever the list says; null: none does. */
export function blockedBy(
  tightening: Tightening,
  candidate: CatalogueCandidate,
  substances: readonly string[],
  rule: string,
): Restriction | null {
  return (
    tightening.products.get(candidate.id) ??
    first(substances, tightening.substances) ??
    tightening.tags.get(candidate.tag) ??
    tightening.rules.get(rule) ??
    null
  );
}

/** The restriction that asks for a person instead; null: none does. */
export function pharmacistFor(
  { pharmacist }: Tightening,
  candidate: CatalogueCandidate,
  substances: readonly string[],
  rule: string,
): Restriction | null {
  return (
    first(substances, pharmacist) ??
    pharmacist.get(candidate.tag) ??
    pharmacist.get(rule) ??
    (candidate.medicine ? pharmacist.get('*') : undefined) ??
    null
  );
}

/** The youngest age somebody may be offered an item at: the list's, or what was asked for beyond it. Never less than the list's. */
export function minimumAge(
  { ages }: Tightening,
  listYears: number,
  rule: string,
  medicine: boolean,
): { years: number; restriction: Restriction | null } {
  const asked = [ages.get(rule), medicine ? ages.get('*') : undefined];
  let years = listYears;
  let restriction: Restriction | null = null;
  for (const each of asked) {
    if (!each || each.minAgeYears === null || each.minAgeYears <= years) continue;
    years = each.minAgeYears;
    restriction = each;
  }
  return { years, restriction };
}

function first(keys: readonly string[], map: ReadonlyMap<string, Restriction>): Restriction | undefined {
  for (const key of keys) {
    const found = map.get(key);
    if (found) return found;
  }
  return undefined;
}
