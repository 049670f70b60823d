import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { BaltoError } from '../contracts/index.ts';

/** Data from `config/` or from a client as its schema types it. Throws `BALTO_PHARMACY_DATA` naming the field; the value is not quoted. */
export function parseData<T extends TSchema>(schema: T, value: unknown, source: string): Static<T> {
  if (Value.Check(schema, value)) return value as Static<T>;
  const [first] = Value.Errors(schema, value);
  const field = first?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  throw new BaltoError({
    code: 'BALTO_PHARMACY_DATA',
    message: `${source}: dado inválido${field ? ` em ${field}` : ''}`,
    ...(field ? { field } : {}),
  });
}
