import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { costsOf } from '../../store/interaction-costs.ts';
import { comparisonsOf } from '../../store/interaction-details.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { FILTERS, filterOf } from '../interaction-filters.ts';
import { LocalTime } from '../local-time.ts';
import type { DoorOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { Detailed, detailed, Listed, listed } from './interaction-shapes.ts';
import { nullable } from './schemas.ts';

const tags = ['Interações'];

/** `/api/v1/interactions`: what was said at the counters, why it was transcribed by whom, and what it cost. */
export const interactions: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  const time = new LocalTime(options.settings.timeZone);
  const clientOf = async (request: FastifyRequest) => {
    const id = Number((request.params as { id: string }).id);
    const isId = Number.isInteger(id) && id > 0 && id < 2 ** 31;
    return isId ? ((await options.interactions.byId(id))?.clientId ?? null) : null;
  };

  app.route({
    method: 'GET',
    url: '/api/v1/interactions',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'Interações, da mais nova à mais antiga',
      tags,
      querystring: Type.Object({ ...PAGE_QUERY, ...FILTERS }),
      response: {
        200: Type.Object({
          ...pageOf(Listed).properties,
          corrected: nullable(
            Type.String({
              description: 'O que foi procurado no lugar de uma palavra que ninguém diz; null: o que você escreveu',
            }),
          ),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor } = request.query;
      const filter = filterOf(request, time);
      const { clientId, ...narrowed } = filter;
      const page = await options.interactions.list(filter, limit, cursor);
      await auditRead(options, request, {
        action: 'interactions.read',
        target: 'interactions',
        clientId,
        filter: { ...narrowed },
        rows: page.rows.length,
      });
      const { corrected } = page;
      return { ...sendPage(request, reply, { items: page.rows, next: page.cursor }, listed), corrected };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/interactions/:id',
    config: { access: { may: 'interactions.read', client: clientOf } },
    schema: {
      summary: 'Uma interação: a decisão, cada tentativa e o que custou',
      tags,
      params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
      response: { 200: Detailed, ...PROBLEMS },
    },
    handler: async (request) => {
      const interaction = await options.interactions.detail(request.params.id);
      if (!interaction) throw refuse(404, 'BALTO_INTERACTION_UNKNOWN', 'Interação não encontrada.');
      const { id, clientId } = interaction;
      await auditRead(options, request, {
        action: 'interactions.read',
        target: `interaction:${id}`,
        clientId,
        rows: 1,
      });
      const shown = detailed(interaction, await costsOf(options.db, id), await comparisonsOf(options.db, id));
      return { ...shown, exchange: options.money.exchange() };
    },
  });
};
