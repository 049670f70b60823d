import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type DaySpent, forecast, forecastSince } from '../../routing/forecast.ts';
import { heardIn } from '../../store/heard.ts';
import { DEFAULT_TIME_ZONE, wallClock } from '../../wall-clock.ts';
import { principalOf } from '../access.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { clientToRead } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { Amount, amount, Exchange } from './amounts.ts';
import { clientsShown } from './conventions.ts';
import { ComparedShown, comparedShown } from './figures-answers.ts';
import { dateOf, nullable } from './schemas.ts';

const tags = ['Números'];
const config = { access: { may: 'clients.read', client: 'any' } } as const;
const ClientId = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const DAY_MS = 86_400_000;
const MOST_DAYS = 92;
/** No comparison takes as long; one that does is given up. */
const LONGEST_MS = 60_000;

const Today = Type.Object({
  day: Type.String({ description: 'Hoje em São Paulo, AAAA-MM-DD' }),
  interactions: Type.Integer({ description: 'Falas guardadas hoje, sem as simuladas' }),
  cards: Type.Integer({ description: 'Delas, as que tiveram um cartão mostrado no balcão' }),
  counters: Type.Integer({ description: 'Balcões de que veio pelo menos uma fala' }),
  employees: Type.Integer({ description: 'Funcionários reconhecidos pela voz em pelo menos uma fala' }),
  speechSeconds: Type.Number({ description: 'Soma da duração das falas' }),
});

const Forecasted = Type.Object({
  day: Type.String({ description: 'Hoje em São Paulo' }),
  spent: { ...Amount, description: 'Desde o primeiro do mês, com o que se fez até agora' },
  forecast: nullable(
    Type.Object({
      expected: Amount,
      low: Amount,
      high: Amount,
      days: Type.Integer({ description: 'Dias inteiros em que se apoia' }),
      daily: { ...Amount, description: 'Média de um desses dias' },
      remainingDays: Type.Integer({ description: 'Dias até o fim do mês, hoje incluído' }),
    }),
  ),
  method: Type.String({ description: 'Como se calcula' }),
  exchange: Exchange,
});

const METHOD =
  'O gasto do mês até ontem, mais a média diária dos últimos dias inteiros (até 28, desde o primeiro com gasto) para cada ' +
  'dia de hoje ao fim do mês. A faixa é de 95 % (t de Student), tomando os dias como independentes; menos de 3 dias inteiros: sem previsão.';

/** `/api/v1/figures`: what is heard today, what the month will cost, and how providers compare. Counted, never guessed. */
export const figures: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { clock, costs, db, money, routingDoors } = options;
  const wall = wallClock(DEFAULT_TIME_ZONE);
  const time = new LocalTime(options.settings.timeZone);
  const now = () => clock.date().getTime();

  app.route({
    method: 'GET',
    url: '/api/v1/figures/today',
    config,
    schema: {
      summary: 'O que se ouviu hoje: falas, cartões, balcões e funcionários',
      tags,
      querystring: Type.Object({ clientId: ClientId }),
      response: { 200: Today, ...PROBLEMS },
    },
    handler: async (request) => {
      const clientIds = clientsShown(request, 'clients.read', request.query.clientId);
      const day = wall.dayAt(now());
      const from = new Date(Date.parse(`${day}T00:00:00Z`) - wall.offsetMinutes(now()) * 60_000);
      return { day, ...(await heardIn(db, { clientIds, from, to: new Date(from.getTime() + DAY_MS) })) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/figures/forecast',
    config,
    schema: {
      summary: 'Quanto o mês deve custar, com a faixa em que deve ficar',
      tags,
      querystring: Type.Object({ clientId: ClientId }),
      response: { 200: Forecasted, ...PROBLEMS },
    },
    handler: async (request) => {
      const clientIds = clientsShown(request, 'clients.read', request.query.clientId);
      const today = wall.dayAt(now());
      const month = `${today.slice(0, 8)}01`;
      const since = forecastSince(today) < month ? forecastSince(today) : month;
      // 28 days and a month are never more days than one page holds.
      const { items } = await costs.report({ clientIds, from: since, to: today }, 'day', 100);
      const days: DaySpent[] = items.map(({ key, costMicroUsd }) => ({ day: key, microUsd: costMicroUsd }));
      const spent = days.reduce((sum, { day, microUsd }) => (day >= month ? sum + microUsd : sum), 0);
      const told = forecast(days, today);
      return {
        day: today,
        spent: amount(spent, money),
        forecast: told && {
          expected: amount(told.microUsd, money),
          low: amount(told.interval[0], money),
          high: amount(told.interval[1], money),
          days: told.days,
          daily: amount(told.dailyMicroUsd, money),
          remainingDays: told.remainingDays,
        },
        method: METHOD,
        exchange: money.exchange(),
      };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/figures/providers',
    config,
    schema: {
      summary: 'Provedores lado a lado num período, e o que o roteamento poupou contra o candidato mais caro',
      tags,
      querystring: Type.Object({
        clientId: ClientId,
        from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; sem ele, 30 dias antes de to' })),
        to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601, não incluído; sem ele, agora' })),
      }),
      response: { 200: ComparedShown, ...PROBLEMS },
    },
    handler: async (request) => {
      const { clientId: asked } = request.query;
      const clientId = clientToRead(principalOf(request), 'clients.read', asked, 'clientId');
      // To the minute: whoever looks again soon finds what was worked out.
      const to = dateOf('to', request.query.to, time) ?? new Date(Math.ceil(now() / 60_000) * 60_000);
      const from = dateOf('from', request.query.from, time) ?? new Date(to.getTime() - 30 * DAY_MS);
      const days = (to.getTime() - from.getTime()) / DAY_MS;
      if (!(days > 0 && days <= MOST_DAYS)) {
        throw refuse(400, 'BALTO_FIGURES_PERIOD', `O período vai de from a to, e tem até ${MOST_DAYS} dias.`, 'from');
      }
      const compared = await routingDoors.compare({ clientId, from, to }, AbortSignal.timeout(LONGEST_MS));
      return comparedShown({ from, to, compared }, money);
    },
  });
};
