import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { counted } from '../counted.ts';
import { RoutingSection } from './rule.ts';
import { note, type RuleNote } from './rule-notes.ts';

/** Told of one rule set: the first errors are enough to mend it. */
const MOST_ERRORS = 50;
/** What these say is said better by the error that comes with them. */
const ECHOES = new Set(['const', 'additionalProperties']);

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
}

/** What in `value` is no rule set, field by field; empty when it is one. Never quotes the value. */
export function schemaErrors(value: unknown): RuleNote[] {
  return fieldErrors(RoutingSection, value).map(({ field, message }) => note('SCHEMA', field, message));
}

/** What in `value` does not fit a schema, field by field (pt-BR); empty when it fits. Never quotes the value. */
export function fieldErrors(schema: TSchema, value: unknown): { field: string; message: string }[] {
  const all = Value.Errors(schema, value) as SchemaError[];
  return all
    .filter(({ keyword }) => !ECHOES.has(keyword))
    .flatMap((error) => fieldsOf(error).map((field) => ({ field, message: messageOf(error, all) })))
    .slice(0, MOST_ERRORS);
}

function fieldsOf({ keyword, instancePath, params }: SchemaError): string[] {
  const path = pathOf(instancePath);
  if (keyword !== 'required') return [path];
  return (params['requiredProperties'] as string[]).map((name) => (path === '' ? name : `${path}.${name}`));
}

/** `/rules/2/use/0` → `rules[2].use[0]` */
function pathOf(instancePath: string): string {
  return instancePath
    .slice(1, 200)
    .replaceAll('/', '.')
    .replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]');
}

function messageOf({ keyword, instancePath, params }: SchemaError, all: readonly SchemaError[]): string {
  switch (keyword) {
    case 'required':
      return 'campo obrigatório ausente';
    case 'boolean':
      return 'campo desconhecido';
    case 'type':
      return `tipo esperado: ${String(params['type'])}`;
    case 'minimum':
    case 'maximum':
      return `deve ser ${String(params['comparison'])} ${String(params['limit'])}`;
    case 'minLength':
    case 'maxLength':
      return `${keyword === 'minLength' ? 'mínimo' : 'máximo'} de ${counted(Number(params['limit']), 'caractere', 'caracteres')}`;
    case 'maxItems':
      return `no máximo ${counted(Number(params['limit']), 'item', 'itens')}`;
    case 'anyOf': {
      const values = all.filter((each) => each.keyword === 'const' && each.instancePath === instancePath);
      return `valores aceitos: ${values.map((each) => String(each.params['allowedValue'])).join(', ')}`;
    }
    case 'pattern':
      return 'formato inválido';
    default:
      return 'valor inválido';
  }
}
