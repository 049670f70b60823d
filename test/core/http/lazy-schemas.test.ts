import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import ajvCompiler from '@fastify/ajv-compiler';
import serializerCompiler from '@fastify/fast-json-stringify-compiler';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import t from 'tap';
import { lazySchemas } from '../../../core/http/lazy-schemas.ts';
import { startBalto } from '../../helpers/balto.ts';

t.test('every schema of every route compiles: a start does not try them', async (t) => {
  const schemas: { at: string; part: string; schema: unknown; status?: string }[] = [];
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url, schema = {} }: RouteOptions) => {
      const at = `${method} ${url}`;
      const { body, querystring, params, headers, response } = schema as Record<string, unknown>;
      for (const [part, each] of Object.entries({ body, querystring, params, headers })) {
        if (each) schemas.push({ at, part, schema: each });
      }
      for (const [status, each] of Object.entries(response ?? {}))
        schemas.push({ at, part: 'response', schema: each, status });
    });
  };
  subscribe('fastify.initialization', listen);
  t.teardown(() => unsubscribe('fastify.initialization', listen));
  await startBalto(t);
  t.ok(schemas.length > 100, `${schemas.length} schemas`);
  const validator = ajvCompiler()({}, { customOptions: {}, plugins: [] } as never) as unknown as (
    route: object,
  ) => unknown;
  const serializer = serializerCompiler()({}, {});
  const wrong = schemas.flatMap(({ at, part, schema, status }) => {
    try {
      if (status) serializer({ method: 'GET', url: '/', httpStatus: status, schema });
      else validator({ schema, method: 'GET', url: '/', httpPart: part });
      return [];
    } catch (error) {
      return [`${at} ${part}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  t.same(wrong, []);
});

t.test('a wrong body is told by field, again and again, and a right one passes between', async (t) => {
  const app = Fastify({ schemaController: lazySchemas() });
  t.teardown(() => app.close());
  const body = { type: 'object', required: ['name'], properties: { name: { type: 'string', maxLength: 3 } } };
  const answer = { 200: { type: 'object', properties: { name: { type: 'string' } } } };
  app.post('/', { schema: { body, response: answer } }, async () => ({ name: 'a', secret: 'b' }));
  const ask = async (payload: object) => {
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/', payload });
    return `${statusCode} ${statusCode === 200 ? body : JSON.parse(body).message}`;
  };
  t.equal(await ask({}), "400 body must have required property 'name'");
  t.equal(await ask({ name: 'long' }), '400 body/name must NOT have more than 3 characters');
  t.equal(await ask({ name: 'abc' }), '200 {"name":"a"}');
  t.equal(await ask({}), "400 body must have required property 'name'");
});
