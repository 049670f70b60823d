/** A JSON schema as plugins write them: untrusted, so every part may be absent. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  secret?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
}

export type FieldKind = 'text' | 'secret' | 'number' | 'integer' | 'boolean' | 'choice' | 'list';

/** One control of a form. */
export interface FieldSpec {
  name: string;
  label: string;
  kind: FieldKind;
  isRequired: boolean;
  /** What holds when nothing is given; undefined: nothing does. */
  fallback: unknown;
  choices: readonly string[];
  schema: Schema;
}

/** As typed: nothing means "leave it to the layer below". */
export type Draft = Record<string, string>;

/** What is wrong with a field; the page says it in words. */
export type Fault = { code: 'required' | 'number' | 'integer' | 'pattern' } | { code: Bound; limit: number };
type Bound = 'minimum' | 'maximum' | 'minLength' | 'maxLength' | 'maxItems';

/** `^(a|b|c)$` names its values as an enum does. */
const ALTERNATIVES = /^\^\(([\w.-]+(?:\|[\w.-]+)+)\)\$$/;

/** The controls of an object schema, in its order. What is no object has none. */
export function fieldsOf(schema: Schema | null | undefined, effective: Record<string, unknown> = {}): FieldSpec[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, of]) => {
    const choices = choicesOf(of);
    return {
      name,
      label: typeof of.title === 'string' && of.title !== '' ? of.title : name,
      kind: kindOf(of, choices),
      isRequired: required.has(name) && of.default === undefined && effective[name] === undefined,
      fallback: effective[name] ?? of.default,
      choices,
      schema: of,
    };
  });
}

/** What a stored value is typed as; secrets are never filled in. */
export function typed({ kind }: FieldSpec, value: unknown): string {
  if (value === undefined || value === null || kind === 'secret') return '';
  if (Array.isArray(value)) return value.map(String).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether what was typed may be sent. */
export function faultOf(field: FieldSpec, text: string): Fault | null {
  const { kind, schema } = field;
  if (text.trim() === '') return field.isRequired ? { code: 'required' } : null;
  if (kind === 'number' || kind === 'integer') return numberFault(Number(text.replace(',', '.')), kind, schema);
  if (kind === 'list') {
    const { maxItems } = schema;
    return maxItems !== undefined && linesOf(text).length > maxItems ? { code: 'maxItems', limit: maxItems } : null;
  }
  if (kind === 'boolean' || kind === 'choice') return null;
  const { minLength, maxLength, pattern } = schema;
  if (minLength !== undefined && text.length < minLength) return { code: 'minLength', limit: minLength };
  if (maxLength !== undefined && text.length > maxLength) return { code: 'maxLength', limit: maxLength };
  return pattern !== undefined && !fits(pattern, text) ? { code: 'pattern' } : null;
}

/** What was typed as the API takes it; fields left empty are left out. */
export function bodyOf(fields: readonly FieldSpec[], draft: Draft): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const text = draft[field.name] ?? '';
    if (text.trim() !== '') body[field.name] = valueIn(field, text);
  }
  return body;
}

/** The field a refusal names: the last part of a path such as `providers.stt.settings.stt/acme.model`. */
export function fieldNamed(fields: readonly FieldSpec[], path: string | null | undefined): string | null {
  const last = path?.split(/[./]/).at(-1) ?? '';
  return fields.some(({ name }) => name === last) ? last : null;
}

function kindOf(schema: Schema, choices: readonly string[]): FieldKind {
  if (schema.secret === true) return 'secret';
  if (choices.length > 0) return 'choice';
  switch (schema.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return schema.type;
    case 'array':
      return 'list';
    default:
      return 'text';
  }
}

function choicesOf({ enum: values, anyOf, pattern }: Schema): string[] {
  if (Array.isArray(values)) return values.map(String);
  const all = anyOf?.map(({ const: value }) => value) ?? [];
  if (all.length > 0 && all.every((value) => value !== undefined)) return all.map(String);
  return ALTERNATIVES.exec(pattern ?? '')?.[1]?.split('|') ?? [];
}

function valueIn({ kind, schema }: FieldSpec, text: string): unknown {
  if (kind === 'number' || kind === 'integer') return Number(text.replace(',', '.'));
  if (kind === 'boolean') return text === 'true';
  if (kind !== 'list') return kind === 'choice' && schema.type === 'number' ? Number(text) : text;
  const isNumber = schema.items?.type === 'number' || schema.items?.type === 'integer';
  return linesOf(text).map((line) => (isNumber ? Number(line) : line));
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function numberFault(value: number, kind: 'number' | 'integer', schema: Schema): Fault | null {
  if (!Number.isFinite(value)) return { code: 'number' };
  if (kind === 'integer' && !Number.isInteger(value)) return { code: 'integer' };
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) return { code: 'minimum', limit: minimum };
  if (maximum !== undefined && value > maximum) return { code: 'maximum', limit: maximum };
  return null;
}

/** A pattern that this browser does not understand refuses nothing: the server has the last word. */
function fits(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}
