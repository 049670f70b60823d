import ajvCompiler from '@fastify/ajv-compiler';
import serializerCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';

type Controller = NonNullable<FastifyServerOptions['schemaController']>;
type BuildSerializer = ReturnType<typeof serializerCompiler>;
/** Fastify's type for a compiler of bodies, parameters and headers. */
export type ValidatorCompiler = FastifySchemaCompiler<object>;

/**
 * Fastify's own compilers of schemas, each schema compiled when its route is first asked: all of them at once were a
 * tenth of a start's CPU, and most are never needed by a process. That every schema compiles is a test's business.
 */
export function lazySchemas(): Controller {
  const validators = ajvCompiler();
  const serializers = serializerCompiler();
  const buildValidator: typeof validators = ((...shared: Parameters<typeof validators>) =>
    lazyValidators(once(() => validators(...shared) as unknown as ValidatorCompiler))) as unknown as typeof validators;
  const buildSerializer: BuildSerializer = (...shared) => lazySerializers(once(() => serializers(...shared)));
  return { compilersFactory: { buildValidator, buildSerializer } };
}

/** A compiler whose validators are compiled by `compiler` at their first use. */
export function lazyValidators(compiler: () => ValidatorCompiler): ValidatorCompiler {
  return (route) => {
    const compiled = once(() => compiler()(route));
    const validate: ReturnType<ValidatorCompiler> = (data) => {
      const result = compiled()(data);
      validate.errors = compiled().errors ?? null;
      return result;
    };
    return validate;
  };
}

function lazySerializers(compiler: () => ReturnType<BuildSerializer>): ReturnType<BuildSerializer> {
  return (route) => {
    const compiled = once(() => compiler()(route));
    return (data) => compiled()(data);
  };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
