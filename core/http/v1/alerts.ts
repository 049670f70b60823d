import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Alert } from '../../store/alerts-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, clientsShown, PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { Moment, nullable } from './schemas.ts';

const Shown = Type.Object({
  id: Type.Integer(),
  clientId: nullable(Type.String()),
  kind: Type.String({ description: 'Por exemplo review.insegura' }),
  subject: Type.String({ description: 'Por exemplo interaction:12' }),
  at: Moment,
  acknowledgedAt: nullable(Moment),
  acknowledgedBy: nullable(Type.String()),
});

const tags = ['Alertas'];

/** `/api/v1/alerts`: what somebody should look at. */
export const alerts: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  app.route({
    method: 'GET',
    url: '/api/v1/alerts',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Alertas, do mais novo ao mais antigo',
      tags,
      querystring: Type.Object({
        ...PAGE_QUERY,
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        open: Type.Optional(Type.Boolean({ description: 'true: só os que ninguém viu' })),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, open } = request.query;
      const clientIds = clientsShown(request, 'clients.read', clientId);
      return sendPage(request, reply, await options.alerts.page({ clientIds, open }, limit, cursor), shown);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/alerts/:id/acknowledge',
    config: {
      access: {
        may: 'reviews.write',
        client: async (request) => {
          const id = Number((request.params as { id: string }).id);
          return Number.isSafeInteger(id) ? ((await options.alerts.byId(id))?.clientId ?? null) : null;
        },
      },
    },
    schema: {
      summary: 'Diz que o alerta foi visto; quem disse primeiro fica registrado',
      tags,
      params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const alert = await options.alerts.acknowledge(request.params.id, authorOf(request));
      if (!alert) throw refuse(404, 'BALTO_ALERT_UNKNOWN', 'Alerta não encontrado.');
      return shown(alert);
    },
  });
};

function shown({ at, acknowledgedAt, ...rest }: Alert): Static<typeof Shown> {
  return { ...rest, at: at.toISOString(), acknowledgedAt: acknowledgedAt?.toISOString() ?? null };
}
