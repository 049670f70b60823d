import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { blockedSince } from '../../store/blocked.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { ID, Moment, nullable } from './schemas.ts';

const Rule = Type.String({ description: 'Por que não: fora_da_lista, restricao, idade, …' });
const Times = Type.Integer({ description: 'Vezes' });

const Shown = Type.Object({
  items: Type.Array(
    Type.Object({
      rule: Rule,
      ruleId: nullable(Type.String({ description: 'Linha, par ou restrição que decidiu' })),
      name: nullable(Type.String({ description: 'Produto do catálogo' })),
      productId: nullable(Type.Integer()),
      times: Times,
      lastAt: Moment,
      lastInteraction: Type.Integer(),
    }),
  ),
  rules: Type.Array(Type.Object({ rule: Rule, times: Times })),
  looked: Type.Integer({ description: 'Interações olhadas: as mais novas, no máximo 5.000' }),
  since: nullable(Type.String({ description: 'A mais antiga delas' })),
});

const DAY_MS = 86_400_000;

/** `GET /api/v1/clients/{id}/otc/blocked`: what the gate kept out of the cards lately, and why. */
export const blocked: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { db, clock }) => {
  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/otc/blocked',
    config: { access: { may: 'interactions.read', client: 'params.id' } },
    schema: {
      summary: 'O que o portão barrou nos últimos dias, por regra e por produto, do mais ao menos frequente',
      tags: ['Lista de venda livre'],
      params: ID,
      querystring: Type.Object({
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 7, description: 'Dias até agora' })),
      }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const from = new Date(clock.date().getTime() - (request.query.days ?? 7) * DAY_MS);
      const { items, since, ...report } = await blockedSince(db, request.params.id, from);
      return {
        ...report,
        items: items.map((item) => ({ ...item, lastAt: item.lastAt.toISOString() })),
        since: since?.toISOString() ?? null,
      };
    },
  });
};
