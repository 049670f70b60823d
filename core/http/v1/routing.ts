import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { clientToRead } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { Explained, Simulated } from './routing-answers.ts';
import { strict } from './schemas.ts';

const tags = ['Roteamento'];
const Id = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const Instant = Type.String({ maxLength: 40, description: 'ISO 8601' });
/** No simulation takes as long; one that does is given up. */
const LONGEST_MS = 60_000;

/** `/api/v1/routing`: why an utterance goes where it goes, and what other rules would have done. */
export const routing: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { counters, routingDoors }) => {
  app.route({
    method: 'POST',
    url: '/api/v1/routing/explain',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Para qual provedor iria esta fala agora, e por que não para os outros',
      tags,
      body: strict({
        clientId: Id,
        counterId: Id,
        kind: Type.Optional(Type.Enum(['stt', 'llm'])),
        language: Type.Optional(Type.String({ maxLength: 35, description: 'BCP 47; padrão: o do balcão' })),
        at: Type.Optional(Instant),
        durationMs: Type.Optional(
          Type.Number({
            minimum: 0,
            maximum: 3_600_000,
            description: 'Ausente: como no começo da fala, quando nada se conhece',
          }),
        ),
        snrDb: Type.Optional(Type.Number({ minimum: -10, maximum: 60 })),
        class: Type.Optional(Type.String({ maxLength: 40 })),
        budgetLeft: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
      }),
      response: { 200: Explained, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId: asked, counterId, durationMs, snrDb, class: heardAs, at, ...rest } = request.body;
      const counter = counterId === undefined ? null : await counters.byId(counterId);
      const clientId = clientToRead(principalOf(request), 'clients.read', asked ?? counter?.clientId, 'clientId');
      if (counterId !== undefined && counter?.clientId !== clientId) {
        throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.', 'counterId');
      }
      const facts = durationMs === undefined ? null : { durationMs, snrDb: snrDb ?? null, class: heardAs ?? null };
      const now = at === undefined ? undefined : instant(at, 'at');
      const who = { clientId: clientId ?? '', counterId: counter?.counterId ?? null, counterTags: counter?.tags ?? [] };
      return { ...who, ...routingDoors.explain({ ...who, ...rest, ...(now && { now }) }, facts) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/routing/simulate',
    config: { access: { may: 'routing.write', client: 'any' } },
    schema: {
      summary: 'O que outras regras teriam feito com as falas de um período: custo, latência e parte de cada provedor',
      tags,
      body: strict({
        clientId: Id,
        from: Instant,
        to: Instant,
        rules: Type.Optional(
          Type.Array(Type.Unsafe<unknown>({ type: 'object' }), {
            maxItems: 500,
            description: 'Do cliente; sem clientId, as de todos. Ausentes: as que estão em vigor',
          }),
        ),
      }),
      response: { 200: Simulated, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId: asked, from, to, rules } = request.body;
      const clientId = clientToRead(principalOf(request), 'routing.write', asked, 'clientId');
      const period = { clientId, from: instant(from, 'from'), to: instant(to, 'to') };
      if (period.from >= period.to) throw refuse(400, 'BALTO_HTTP_FIELD', 'O fim deve vir depois do começo.', 'to');
      return { ...(await routingDoors.simulate(period, rules, AbortSignal.timeout(LONGEST_MS))) };
    },
  });
};

function instant(text: string, field: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime()))
    throw refuse(400, 'BALTO_HTTP_FIELD', `Instante inválido em ${field} (ISO 8601).`, field);
  return date;
}
