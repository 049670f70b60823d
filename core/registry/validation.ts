import { Ajv, type ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';

const ajv = new Ajv({ strict: false, allErrors: false, useDefaults: true, coerceTypes: false, validateFormats: false });

/**
 * Checks `value` against a schema of a plugin and fills its defaults.
 * @returns a new object; `value` itself is untouched.
 * @throws BaltoError BALTO_CONFIG_INVALID with `field` = `prefix` + path of the property at fault; never the value itself.
 */
export function validateAgainst(schema: TSchema, value: unknown, prefix: string): Record<string, unknown> {
  const copy: unknown = structuredClone(value ?? {});
  const validate = ajv.compile(schema);
  if (validate(copy)) return copy as Record<string, unknown>;
  const error = validate.errors?.[0];
  const field = `${prefix}${pathOf(error)}`;
  throw new BaltoError({
    code: 'BALTO_CONFIG_INVALID',
    message: `configuração inválida em "${field}": ${reasonOf(error)}`,
    field,
  });
}

function pathOf(error: ErrorObject | undefined): string {
  if (!error) return '';
  const base = error.instancePath.replaceAll('/', '.');
  const params = error.params as Record<string, unknown>;
  const property = params['missingProperty'] ?? params['additionalProperty'];
  return typeof property === 'string' ? `${base}.${property}` : base;
}

function reasonOf(error: ErrorObject | undefined): string {
  const params = (error?.params ?? {}) as Record<string, unknown>;
  switch (error?.keyword) {
    case 'required':
      return 'campo obrigatório ausente';
    case 'additionalProperties':
      return 'campo desconhecido';
    case 'type':
      return `tipo esperado: ${String(params['type'])}`;
    case 'enum':
      return `valores aceitos: ${(params['allowedValues'] as unknown[]).join(', ')}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `deve ser ${String(params['comparison'])} ${String(params['limit'])}`;
    case 'minLength':
      return `mínimo de ${counted(Number(params['limit']), 'caractere', 'caracteres')}`;
    case 'maxLength':
      return `máximo de ${counted(Number(params['limit']), 'caractere', 'caracteres')}`;
    case 'pattern':
      return 'formato inválido';
    default:
      return 'valor inválido';
  }
}
