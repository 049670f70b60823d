import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { PAGE_ROWS } from '../../store/page.ts';
import { REASONS, ReviewQueue } from '../../store/review-queue.ts';
import { principalOf } from '../access.ts';
import { FILTERS, filterOf } from '../interaction-filters.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { Listed, listed } from './interaction-shapes.ts';

const Reason = Type.Enum([...REASONS], {
  description:
    'Por que avaliar: card (cartão que ninguém avaliou), doubt (palavras em dúvida), shadow (o segundo provedor ouviu outra coisa), reported (outra pessoa achou o cartão errado ou inseguro)',
});

/** `/api/v1/reviews/queue`: what to review next. */
export const reviewQueue: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const time = new LocalTime(options.settings.timeZone);
  const queue = new ReviewQueue(options.db, options.interactions);
  const { clientId, counterId, provider, from, to } = FILTERS;

  app.route({
    method: 'GET',
    url: '/api/v1/reviews/queue',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'O que avaliar a seguir: por motivo, e em cada um da mais nova à mais antiga',
      tags: ['Avaliações'],
      querystring: Type.Object({
        ...PAGE_QUERY,
        ...{ clientId, counterId, provider, from, to },
        reason: Type.Optional(Reason),
      }),
      response: { 200: pageOf(Type.Object({ ...Listed.properties, reason: Reason })), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, reason } = request.query;
      const { clientId, counterId, provider, from, to } = filterOf(request, time);
      const filter = { counterId, provider, from, to, reason };
      const reviewer = principalOf(request).actor;
      const page = await queue.page({ ...filter, clientId, reviewer }, limit, cursor);
      const rows = page.items.length;
      await auditRead(options, request, { action: 'interactions.read', target: 'reviews', clientId, filter, rows });
      return sendPage(request, reply, page, ({ reason, row }) => ({ ...listed(row), reason }));
    },
  });
};
