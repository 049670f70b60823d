import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { DoorOptions } from './options.ts';
import { PROBLEMS } from './problem.ts';
import { refuseForeign } from './session.ts';

/** `POST /api/v1/invites/accept`: who was invited, or given a new start, sets a password. The invitation is the key. */
export const invitations: FastifyPluginAsyncTypebox<DoorOptions> = async (app, { passwords }) => {
  app.route({
    method: 'POST',
    url: '/api/v1/invites/accept',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'Define a senha com um convite, que vale uma vez; depois, entre em POST /admin/login',
      tags: ['Pessoas'],
      body: Type.Object({
        token: Type.String({ minLength: 1, maxLength: 100, description: 'bi_…' }),
        password: Type.String({ maxLength: 1024, description: '12 caracteres ou mais' }),
      }),
      response: {
        200: Type.Object({ id: Type.String(), email: Type.Union([Type.String(), Type.Null()]) }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      refuseForeign(request);
      const { token, password } = request.body;
      const { id, email } = await passwords.accept(token, password, request.ip);
      return reply.header('cache-control', 'no-store').send({ id, email });
    },
  });
};
