import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Cost } from '../../store/costs.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { localDay } from '../../wall-clock.ts';
import type { HttpOptions, MoneyDoors } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { Amount, amount, Exchange } from './amounts.ts';
import { clientsShown, PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { nullable } from './schemas.ts';

const MOST_DAYS = 400;
const DAY_MS = 86_400_000;

const Day = (description: string) =>
  Type.Optional(
    Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: `${description} (AAAA-MM-DD, São Paulo)` }),
  );

const SUMS = {
  cost: Amount,
  hedge: Amount,
  shadow: Amount,
  audioSeconds: Type.Number(),
  textInTokens: Type.Number(),
  textOutTokens: Type.Number(),
};

const Shown = Type.Object({
  key: Type.String({
    description: 'Dia, endereço do provedor, ou id do balcão ou do cliente; vazio: de nenhum (sondas da casa)',
  }),
  name: nullable(Type.String({ description: 'Nome do balcão ou do cliente' })),
  ...SUMS,
});

const Page = Type.Object({
  ...pageOf(Shown).properties,
  from: Type.String(),
  to: Type.String(),
  total: Type.Object(SUMS, { description: 'De tudo o que se perguntou, não só desta página' }),
  exchange: Exchange,
});

/** `/api/v1/costs`: what was spent, by day, provider, counter or client. */
export const costs: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { costs: sums, clock, money } = options;
  app.route({
    method: 'GET',
    url: '/api/v1/costs',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Custos por dia, fornecedor, balcão ou cliente; hedge e shadow, que fazem parte deles, também à parte',
      tags: ['Dinheiro'],
      querystring: Type.Object({
        ...PAGE_QUERY,
        by: Type.Optional(Type.Enum(['day', 'provider', 'counter', 'client'], { default: 'day' })),
        client: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        counter: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        provider: Type.Optional(Type.String({ pattern: '^[a-z]+/[a-z0-9-]+$', description: 'Endereço sem o modelo' })),
        from: Day('Primeiro dia; sem ele, o primeiro do mês'),
        to: Day('Último dia, incluído; sem ele, hoje'),
      }),
      response: { 200: Page, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, by = 'day', client, counter, provider } = request.query;
      const period = periodOf(request.query, localDay(clock.date()));
      const clientIds = clientsShown(request, 'clients.read', client);
      const query = { clientIds, counterId: counter, provider, ...period };
      const page = sendPage(request, reply, await sums.report(query, by, limit, cursor), (cost) => ({
        key: cost.key,
        name: cost.name,
        ...sumsOf(cost, money),
      }));
      return { ...page, ...period, total: sumsOf(await sums.total(query), money), exchange: money.exchange() };
    },
  });
};

/** @throws 400 for what is no day, or a period the wrong way round or too long. */
function periodOf(query: { from?: string; to?: string }, today: string): { from: string; to: string } {
  const to = query.to ?? today;
  const from = query.from ?? `${to.slice(0, 8)}01`;
  for (const [field, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (!isDay(day)) throw refuse(400, 'BALTO_HTTP_FIELD', `Campo inválido: ${field}`, field);
  }
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  if (days >= 0 && days < MOST_DAYS) return { from, to };
  throw refuse(400, 'BALTO_COSTS_PERIOD', `O período vai de from a to, e tem até ${MOST_DAYS} dias.`, 'from');
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function sumsOf(
  cost: Omit<Cost, 'key' | 'name'>,
  money: MoneyDoors,
): Static<ReturnType<typeof Type.Object<typeof SUMS>>> {
  const { costMicroUsd, hedgeMicroUsd, shadowMicroUsd, audioSeconds, textInTokens, textOutTokens } = cost;
  return {
    cost: amount(costMicroUsd, money),
    hedge: amount(hedgeMicroUsd, money),
    shadow: amount(shadowMicroUsd, money),
    audioSeconds,
    textInTokens,
    textOutTokens,
  };
}
