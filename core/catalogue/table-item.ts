import type { Ingredient, Leaflet, SaleClass } from '../pharmacy/catalogue.ts';
import { readIngredient, readPresentation, substancesOf } from '../pharmacy/presentation.ts';
import { classCode, saleClassOf, type TherapeuticClasses, tagOfClass } from '../pharmacy/sale-class.ts';
import { clip } from '../pharmacy/text.ts';
import type { ProductInput } from '../store/product-rows.ts';
import type { Columns } from './columns.ts';
import { RowValues } from './row-values.ts';
import type { RowIssue, TableRow } from './rows.ts';

/** What holds for every row of a file. */
export interface FileFacts {
  classes: TherapeuticClasses;
  /** Where the rows come from, and the date of that list, where it says one. */
  source: string;
  version: string | null;
}

const MAX = { code: 80, name: 120, substance: 500, leaflet: 4000, url: 500, stripe: 80, version: 40, source: 200 };

/** A row as an item of the catalogue, or everything that keeps it from being one. */
export function productOf(
  row: TableRow,
  columns: Columns,
  facts: FileFacts,
): { product: ProductInput; issues?: never } | { product?: never; issues: RowIssue[] } {
  const values = new RowValues(row, columns);
  const name = values.text('name', MAX.name);
  if (name === null) values.missing('name');
  const code = values.text('code', MAX.code) ?? values.text('barcode', MAX.code);
  if (code === null && columns.has('code')) values.missing('code');
  const made = medicineOf(values, facts);
  const product: ProductInput = {
    code: code ?? slug(`${name} ${made.detail}`),
    name: fullName(name ?? '', made.detail),
    tag: values.tag('tag') ?? tagOfClass(made.therapeuticClass, facts.classes),
    saleClass: made.saleClass,
    medicine: values.flag('medicine') ?? true,
    substance: made.substance,
    indications: values.list('indications'),
    synonyms: values.list('synonyms'),
    goesWith: values.list('goesWith'),
    priceCents: values.cents('price'),
    active: values.flag('active') ?? true,
    source: values.text('source', MAX.source) ?? facts.source,
    version: values.text('version', MAX.version) ?? facts.version,
    form: made.form,
    ingredients: made.ingredients,
    stripe: made.stripe,
    leaflet: leafletOf(values),
  };
  return values.issues.length > 0 ? { issues: values.issues } : { product };
}

interface Made {
  substance: string | null;
  form: string | null;
  ingredients: Ingredient[];
  stripe: string | null;
  saleClass: SaleClass;
  therapeuticClass: string | null;
  /** Dose and form, for the name. */
  detail: string;
}

function medicineOf(values: RowValues, { classes }: FileFacts): Made {
  const substance = values.text('substance', MAX.substance);
  const read = readPresentation(values.text('presentation', MAX.substance) ?? '', substance ?? '');
  const form = values.text('form', MAX.stripe) ?? read.form;
  const isInjectable = read.isInjectable || /inje[cç]|injet|infus/i.test(form ?? '');
  const therapeuticClass = classCode(values.text('therapeuticClass', MAX.source));
  const stripe = values.text('stripe', MAX.stripe);
  const sale = {
    stripe,
    declared: values.saleClass('saleClass'),
    therapeuticClass,
    isInjectable,
    isHospitalOnly: values.flag('hospitalOnly') ?? false,
  };
  return {
    substance: substance === null ? null : substancesOf(substance).join('; '),
    form,
    ingredients: compositionOf(values) ?? read.ingredients,
    stripe,
    saleClass: saleClassOf(sale, classes),
    therapeuticClass,
    detail: [read.strength, read.form].filter((part) => part !== null).join(' '),
  };
}

/** `paracetamol 500 mg; cafeína 65 mg`: here each dose is its substance's own. Null: the row does not say. */
function compositionOf(values: RowValues): Ingredient[] | null {
  const text = values.text('composition', MAX.substance);
  if (text === null) return null;
  const ingredients = substancesOf(text).map(readIngredient);
  if (ingredients.every((ingredient) => ingredient !== null)) return ingredients;
  values.refuse('composition', 'valor', 'esperado: substância e dose, como "paracetamol 500 mg; cafeína 65 mg"');
  return null;
}

function leafletOf(values: RowValues): Leaflet | null {
  const leaflet: Leaflet = {
    indication: values.text('leafletIndication', MAX.leaflet),
    contraindication: values.text('leafletContraindication', MAX.leaflet),
    warnings: values.text('leafletWarnings', MAX.leaflet),
    interactions: values.text('leafletInteractions', MAX.leaflet),
    url: values.url('leafletUrl', MAX.url),
    version: values.text('leafletVersion', MAX.version),
  };
  return Object.values(leaflet).every((each) => each === null) ? null : leaflet;
}

/** The list has one line per package: dose and form tell apart what the name alone does not. */
function fullName(name: string, detail: string): string {
  return detail === '' || name.toLowerCase().includes(detail.toLowerCase())
    ? name
    : clip(`${name} ${detail}`, MAX.name);
}

/** A code for a row without one: the same name and presentation are the same item again. */
function slug(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX.code);
}
