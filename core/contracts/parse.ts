import type { Static, TSchema } from 'typebox';
import Value from 'typebox/value';
import { ProviderError } from './errors.ts';

/**
 * Settings or a credential as the plugin's schema types them, defaults filled. The registry has validated them already;
 * this is what turns plain data into a type without a cast. Throws `invalid_request`, blame `config`, naming the field.
 */
export function parseConfig<T extends TSchema>(schema: T, value: unknown): Static<T> {
  const filled = Value.Default(schema, structuredClone(value ?? {}));
  if (Value.Check(schema, filled)) return filled as Static<T>;
  const [first] = Value.Errors(schema, filled);
  const field = first?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  throw new ProviderError({
    code: 'invalid_request',
    blame: 'config',
    message: `configuração inválida do provedor${field ? `: ${field}` : ''}`,
  });
}

/** A vendor's message as a tolerant schema types it: unknown fields pass. Throws `protocol`; the value is not quoted. */
export function parseWire<T extends TSchema>(vendor: string, schema: T, value: unknown): Static<T> {
  if (Value.Check(schema, value)) return value as Static<T>;
  throw new ProviderError({ code: 'protocol', message: `resposta de ${vendor} fora do formato esperado` });
}
