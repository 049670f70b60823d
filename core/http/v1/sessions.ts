import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { LiveSession } from '../../store/live-sessions-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { clientsShown, PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { Moment, nullable } from './schemas.ts';

const Shown = Type.Object({
  id: Type.String(),
  clientId: Type.String(),
  counterId: Type.String(),
  counterName: Type.String(),
  protocol: Type.Integer(),
  since: Moment,
  bytes: Type.Integer({ description: 'De áudio, recebidos nesta conexão' }),
  configVersion: Type.Integer({ description: 'Versão da configuração na última fala; antes dela, a em vigor' }),
  providers: Type.Object(
    { stt: nullable(Type.String()), llm: nullable(Type.String()) },
    { description: 'Quem respondeu por último' },
  ),
  lastUtteranceAt: nullable(Moment),
});

/** `/api/v1/sessions`: the counters that are connected now, whichever process serves them. */
export const sessions: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { liveSessions }) => {
  app.route({
    method: 'GET',
    url: '/api/v1/sessions',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Balcões conectados agora, em todos os processos; o há mais tempo conectado primeiro',
      tags: ['Balcões'],
      security: [{ sessao: [] }],
      querystring: Type.Object({
        ...PAGE_QUERY,
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        counterId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, counterId } = request.query;
      const clientIds = clientsShown(request, 'clients.read', clientId);
      return sendPage(request, reply, await liveSessions.page({ clientIds, counterId }, limit, cursor), shown);
    },
  });
};

function shown({ sessionId, since, lastUtteranceAt, ...rest }: LiveSession): Static<typeof Shown> {
  return {
    id: sessionId,
    ...rest,
    since: since.toISOString(),
    lastUtteranceAt: lastUtteranceAt?.toISOString() ?? null,
  };
}
