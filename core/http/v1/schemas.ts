import { type Static, type TProperties, Type } from 'typebox';
import { VadSettings } from '../../audio/settings.ts';
import type { LocalTime } from '../local-time.ts';
import { refuse } from '../problem.ts';

/** An object that refuses what it does not know: a misspelt field is said, not passed over. */
export function strict<T extends TProperties>(properties: T) {
  return Type.Object(properties, { additionalProperties: false });
}

export function nullable<T extends TProperties[string]>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Path of a route about one thing. */
export const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

export const Text = (description: string, maxLength = 200) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', description });

export const Email = Type.String({ maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' });

export const Moment = Type.String({ description: 'ISO 8601, UTC' });

/** Some of the listening settings; without defaults, or every one that is not given would be set by the validator. */
export const VadPreset = preset();
export type VadPreset = Static<typeof VadPreset>;

function preset() {
  const partial = Type.Partial(VadSettings, {
    additionalProperties: false,
    description: 'Ajustes de escuta; os que faltam vêm da camada de baixo',
  });
  return JSON.parse(
    JSON.stringify(partial, (name, value) => (name === 'default' ? undefined : value)),
  ) as typeof partial;
}

/** A moment of a query, in the zone of `time` where it names none. @throws 400 for what is no date. */
export function dateOf(field: string, text: string | undefined, time: LocalTime): Date | undefined {
  if (text === undefined) return undefined;
  const date = time.parse(text);
  if (!date) throw refuse(400, 'BALTO_HTTP_FIELD', `Campo inválido: ${field}`, field);
  return date;
}
