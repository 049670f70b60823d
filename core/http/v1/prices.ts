import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import { Price, PriceList } from '../../runtime/price.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import type { CostCorrection } from '../../store/cost-tables.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { Exchange } from './amounts.ts';
import { authorOf, IF_MATCH, setEtag, Why } from './conventions.ts';
import { unchangedSince } from './places.ts';
import { Moment, nullable, strict } from './schemas.ts';

const MOST_CORRECTIONS = 20;
const EVERYONE = { clientId: null, counterId: null };
const tags = ['Dinheiro'];

const Correction = Type.Object({
  version: Type.Integer({ description: 'Versão da configuração que mudou os preços' }),
  since: nullable(Type.String({ description: 'Primeiro dia corrigido, em São Paulo; null: nada havia a corrigir' })),
  providers: Type.Array(Type.String()),
  rows: Type.Integer({ description: 'Linhas corrigidas até agora' }),
  microUsd: Type.Integer({ description: 'Quanto o total mudou' }),
  createdAt: Moment,
  finishedAt: nullable(Moment),
});

const Shown = Type.Object({
  version: Type.Integer({ description: 'Versão da configuração em vigor; a mesma do ETag' }),
  book: Type.String({ description: 'Nome da tabela, como está em cada linha de consumo' }),
  own: nullable(PriceList),
  prices: Type.Array(Price, {
    description: 'Em vigor e por vir, os próprios sobre os que vêm com o Balto; o mais novo primeiro',
  }),
  exchange: Exchange,
  corrections: Type.Array(Correction, {
    description: 'Custos já registrados que mudaram de preço, as últimas primeiro',
  }),
});

/** `/api/v1/prices`: what vendors bill. A price that began before today corrects what was billed since. */
export const prices: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { configVersions, configDoors } = options;
  const url = '/api/v1/prices';
  const write = { access: { may: 'prices.write' } } as const;

  app.route({
    method: 'GET',
    url,
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: { summary: 'Preços dos fornecedores', tags, response: { 200: Shown, ...PROBLEMS } },
    handler: async (_request, reply) => {
      const answer = await shown(options);
      setEtag(reply, answer.version);
      return answer;
    },
  });

  app.route({
    method: 'PUT',
    url,
    config: write,
    schema: {
      summary: 'Troca os preços próprios; um que vale desde antes corrige os custos já registrados',
      tags,
      headers: IF_MATCH,
      body: strict({ ...PriceList.properties, why: Why }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, ...value } = request.body;
      const since = unchangedSince(request, await configVersions.newest());
      const change = { ...EVERYONE, section: 'prices', value };
      await configDoors.changes.change([change], authorOf(request, why), since);
      const answer = await shown(options);
      setEtag(reply, answer.version);
      return answer;
    },
  });

  app.route({
    method: 'DELETE',
    url,
    config: write,
    schema: {
      summary: 'Retira os preços próprios: valem os que vêm com o Balto',
      tags,
      headers: IF_MATCH,
      body: strict({ why: Why }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const since = unchangedSince(request, await configVersions.newest());
      const change = { ...EVERYONE, section: 'prices', value: null };
      await configDoors.changes.change([change], authorOf(request, request.body.why), since);
      const answer = await shown(options);
      setEtag(reply, answer.version);
      return answer;
    },
  });
};

async function shown({ config, corrections, money }: HttpOptions): Promise<Static<typeof Shown>> {
  const own = sectionsOf(config.snapshot(), null, null).get('prices') as PriceList | undefined;
  return {
    version: config.version,
    book: money.prices.version,
    own: own ?? null,
    prices: [...money.prices.prices],
    exchange: money.exchange(),
    corrections: (await corrections.list(MOST_CORRECTIONS)).map(shownCorrection),
  };
}

function shownCorrection({ createdAt, finishedAt, ...rest }: CostCorrection): Static<typeof Correction> {
  return { ...rest, createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
}
