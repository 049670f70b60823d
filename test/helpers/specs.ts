import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/** Folder of the vendors' official specifications; they are not part of this repository. */
export const SPECS_DIR = process.env['BALTO_SPECS_DIR'];

/** For `t.test(name, { skip: NO_SPECS }, …)`: the reason, said aloud, or false. */
export const NO_SPECS = SPECS_DIR
  ? false
  : 'BALTO_SPECS_DIR não definida: sem as especificações oficiais dos fornecedores';

export interface Spec {
  document: Record<string, unknown>;
  /** Validator of the schema at a JSON pointer (`#/components/schemas/Name`). */
  at(pointer: string): ValidateFunction;
}

/** Reads a specification and mends, in memory, what keeps it from validating anything. */
export function readSpec(file: string): Spec {
  const text = readFileSync(join(SPECS_DIR ?? '', file), 'utf8');
  const document = mend(file.endsWith('.json') ? JSON.parse(text) : parse(text, { merge: true })) as Record<
    string,
    unknown
  >;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const $id = 'https://specs.invalid/document';
  ajv.addSchema({ ...document, $id });
  return { document, at: (pointer) => ajv.compile({ $ref: `${$id}${pointer}` }) };
}

/** What is wrong, in a form that names the field and not the value. */
export function faultsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

/**
 * `nullable` (OpenAPI 3.0) means nothing to JSON Schema 2020: written out as a type. `oneOf` of an enumeration and any
 * string matches twice: read as `anyOf`.
 */
function mend(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(mend);
  if (typeof node !== 'object' || node === null) return node;
  const mended: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) mended[key === 'oneOf' ? 'anyOf' : key] = mend(value);
  if (mended['nullable'] !== true) return mended;
  const { nullable: _, ...rest } = mended;
  return { anyOf: [rest, { type: 'null' }] };
}
