import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, setEtag } from './conventions.ts';
import { ShownCounter, shownCounter } from './counter-shown.ts';
import { ID } from './schemas.ts';

/** `/api/v1/clients/{id}/counters/virtual`: a browser of the panel becomes a counter for a few hours. */
export const virtualCounters: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/counters/virtual',
    config: { access: { may: 'counters.write', client: 'params.id' }, showsSecret: true },
    schema: {
      summary:
        'Abre o balcão virtual de quem pede, com chave nova que vale por poucas horas; a anterior deixa de valer',
      description:
        'Um por pessoa e cliente: o navegador liga em /ws com esta chave. Termina com POST /api/v1/counters/{id}/revoke (com If-Match, para não encerrar o de outra aba) ou quando a chave vence.',
      tags: ['Balcões'],
      params: ID,
      response: {
        201: Type.Object({ counter: ShownCounter, apiKey: Type.String({ description: 'Mostrada somente agora' }) }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const client = await options.clients.byId(request.params.id);
      if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
      const { userId } = principalOf(request);
      const user = await options.users.byId(userId);
      const person = { id: userId, name: user?.name ?? userId };
      const { counter, apiKey } = await options.virtualCounters.open(client.clientId, person, authorOf(request));
      setEtag(reply, counter.revision);
      return reply
        .code(201)
        .header('location', `/api/v1/counters/${counter.counterId}`)
        .send({ counter: shownCounter(counter), apiKey });
    },
  });
};
