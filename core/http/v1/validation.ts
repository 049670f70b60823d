import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { lazyValidators } from '../lazy-schemas.ts';
import { withoutCheckedLater } from './checked-later.ts';

const common = { strict: false, allErrors: false, useDefaults: true, validateFormats: false } as const;
/** Bodies are JSON: a text is no number, and an unknown field is refused rather than dropped. */
const body = new Ajv({ ...common, coerceTypes: false, removeAdditional: false });
/** Everything in a URL is text. */
const url = new Ajv({ ...common, coerceTypes: 'array', removeAdditional: false });

/** How the routes of this scope check what comes in. */
export function installValidation(app: FastifyInstance): void {
  app.setValidatorCompiler(
    lazyValidators(
      () =>
        ({ schema, httpPart }) =>
          httpPart === 'body' ? body.compile(withoutCheckedLater(schema) as object) : url.compile(schema as object),
    ),
  );
}
