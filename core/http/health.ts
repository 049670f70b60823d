import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { HttpOptions } from './options.ts';

const Ready = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('indisponivel')]),
  missing: Type.Array(Type.String(), { description: 'O que falta, com o remédio' }),
});

/** `/health/live`: the process answers. `/health/ready`: it can also do its work, or says what is missing. */
export const health: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { readiness }) => {
  app.route({
    method: 'GET',
    url: '/health/live',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'O processo está vivo',
      tags: ['Saúde'],
      response: { 200: Type.Object({ status: Type.Literal('ok') }) },
    },
    handler: async () => ({ status: 'ok' }) as const,
  });
  app.route({
    method: 'GET',
    url: '/health/ready',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'Banco, migrações e ao menos um candidato de cada tipo necessário',
      tags: ['Saúde'],
      response: { 200: Ready, 503: Ready },
    },
    handler: async (_request, reply) => {
      const { ready, missing } = await readiness();
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: ready ? 'ok' : 'indisponivel', missing });
    },
  });
};
