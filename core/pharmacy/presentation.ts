import type { Ingredient } from './catalogue.ts';
import { formOf } from './presentation-forms.ts';

/** What one line of the official price list says in `APRESENTAÇÃO`, as far as it says it. */
export interface Presentation {
  /** Pharmaceutical form (`comprimido revestido`, `xarope`); null: not recognised. */
  form: string | null;
  isInjectable: boolean;
  /** One per substance; a dose is null where it is not certain which substance it belongs to. */
  ingredients: Ingredient[];
  /** The doses as a person reads them (`500 mg`, `4 + 500 mg/ml`); null: none were understood. */
  strength: string | null;
}

type Dose = NonNullable<Ingredient['dose']>;

const NUMBER = String.raw`\d[\d.]*(?:,\d+)?`;
const UNIT = '(?:MCG|MG|G|UI|U|MEQ|%)(?![A-Z])';
const PER = String.raw`(?:\s*/\s*(?:${NUMBER})?\s*(?:ML|MG|G|DOSE|GOTA|H)(?![A-Z]))?`;
const ONE = new RegExp(String.raw`^\s*(${NUMBER})\s*(${UNIT}${PER})?`);
const GROUP = new RegExp(String.raw`^\s*\(([^()]+)\)\s*(${UNIT}${PER})?`);
const DOSE_AT_END = /(?:^|\s)\d[\d.,]*\s*(?:mcg|mg|g|ui|u|meq|%)\s*(?:\/\s*[\d.,]*\s*\p{L}+)?$/iu;
/** A second dose behind the form: two kinds of units in one box (`100 MG COM + 200 MG COM`). */
const SECOND_PART = new RegExp(String.raw`\+\s*${NUMBER}\s*(?:MCG|MG|G|UI)(?![A-Z])`);

/**
 * Reads a presentation such as `500 MG COM CT BL AL PLAS INC X 20` (Anvisa's controlled vocabulary of forms, 2011) with the
 * substances of the same line (`PARACETAMOL;CAFEÍNA`). The list does not give substances and doses in one order
 * (`CLORFENIRAMINA;PARACETAMOL;FENILEFRINA`, `(400 + 4 + 4) MG`), so a dose is a substance's own only where there is one
 * substance, or where all doses are alike.
 */
export function readPresentation(text: string, substances: string): Presentation {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/\s+/g, ' ')
    .toUpperCase()
    .trim();
  const { doses, rest } = leadingDoses(plain);
  const { form, isInjectable } = formOf(rest);
  const names = substancesOf(substances);
  const known = SECOND_PART.test(rest) ? [] : doses;
  return { form, isInjectable, ingredients: paired(names, known), strength: strengthOf(doses) };
}

/** The substances of one cell: `A;B`, `A + B`. */
export function substancesOf(text: string): string[] {
  return text
    .split(/[;+]/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '-');
}

/**
 * One ingredient as a pharmacy writes it: `paracetamol 500 mg`, `dipirona 500 mg/ml`, `cafeína`. Null: not understood.
 */
export function readIngredient(text: string): Ingredient | null {
  const plain = text.replace(/\s+/g, ' ').trim();
  const at = plain.search(DOSE_AT_END);
  const substance = (at < 0 ? plain : plain.slice(0, at)).trim();
  if (!/\p{L}/u.test(substance)) return null;
  if (at < 0) return { substance, dose: null };
  const { doses, rest } = leadingDoses(plain.slice(at).toUpperCase());
  const [dose] = doses;
  return doses.length === 1 && dose && rest === '' ? { substance, dose } : null;
}

/** A number as Brazilians write it (`1.234,5`, `50.000`), or with a decimal point (`0.125`, `2.5`); NaN: it is none. */
export function brazilianNumber(text: string): number {
  if (!/^\d[\d.]*(?:,\d+)?$/.test(text)) return Number.NaN;
  if (text.includes(',')) return Number(text.replaceAll('.', '').replace(',', '.'));
  return Number(/^[1-9]\d{0,2}(?:\.\d{3})+$/.test(text) ? text.replaceAll('.', '') : text);
}

/** Doses at the beginning, and what follows them; none where one of them has no unit. */
function leadingDoses(text: string): { doses: Dose[]; rest: string } {
  const { found, rest } = groupedDoses(text) ?? listedDoses(text);
  const last = found.findLast(({ unit }) => unit !== undefined)?.unit;
  const doses = found.map(({ value, unit }) => doseOf(value, unit ?? last));
  return { doses: doses.every((dose) => dose !== null) ? doses : [], rest: rest.trim() };
}

interface Found {
  value: string;
  unit: string | undefined;
}

/** `(4,0 + 500,0) MG/ML`; null: there is no such group. */
function groupedDoses(text: string): { found: Found[]; rest: string } | null {
  const group = GROUP.exec(text);
  if (!group) return null;
  const found: Found[] = [];
  for (const part of (group[1] ?? '').split('+')) {
    const one = ONE.exec(part);
    if (!one || one[0].trim() !== part.trim()) return null;
    found.push({ value: one[1] ?? '', unit: one[2] ?? group[2] });
  }
  return { found, rest: text.slice(group[0].length) };
}

/** `250 MG + 10 MG` */
function listedDoses(text: string): { found: Found[]; rest: string } {
  const found: Found[] = [];
  let rest = text;
  for (let one = ONE.exec(rest); one; ) {
    found.push({ value: one[1] ?? '', unit: one[2] });
    rest = rest.slice(one[0].length);
    const plus = /^\s*\+/.exec(rest)?.[0] ?? null;
    one = plus === null ? null : ONE.exec(rest.slice(plus.length));
    if (one && plus !== null) rest = rest.slice(plus.length);
  }
  return { found, rest };
}

/** `250 MG/5 ML` is 50 mg/ml; grams are told in milligrams, so that doses of one substance can be compared. */
function doseOf(value: string, unit: string | undefined): Dose | null {
  const [whole = '', per] = (unit ?? '').replace(/\s+/g, '').split('/');
  const amount = brazilianNumber(value);
  if (whole === '' || !(amount > 0)) return null;
  const isGram = whole === 'G';
  const name = isGram ? 'mg' : whole === 'UI' || whole === 'U' ? 'UI' : whole.toLowerCase();
  const parts = /^([\d.,]*)([A-Z]+)$/.exec(per ?? '');
  const volume = parts?.[1] ? brazilianNumber(parts[1]) : 1;
  if (!(volume > 0)) return null;
  const rounded = Number(((amount * (isGram ? 1000 : 1)) / volume).toPrecision(9));
  return { value: rounded, unit: parts?.[2] ? `${name}/${parts[2].toLowerCase()}` : name };
}

function paired(names: string[], doses: Dose[]): Ingredient[] {
  const [first] = doses;
  const isSure =
    doses.length === names.length && doses.every((dose) => dose.value === first?.value && dose.unit === first?.unit);
  return names.map((substance) => ({ substance, dose: (isSure && first) || null }));
}

function strengthOf(doses: Dose[]): string | null {
  const [first] = doses;
  if (!first) return null;
  const shown = ({ value }: Dose) => String(value).replace('.', ',');
  return doses.every(({ unit }) => unit === first.unit)
    ? `${doses.map(shown).join(' + ')} ${first.unit}`
    : doses.map((dose) => `${shown(dose)} ${dose.unit}`).join(' + ');
}
