import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, type TSchema, Type } from 'typebox';
import { KINDS, type ProviderManifest } from '../../contracts/index.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import type { ConfigDoors, HttpOptions, MoneyDoors } from '../options.ts';
import { clientToRead } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { Amount, amount, Exchange } from './amounts.ts';
import { Moment, nullable, strict } from './schemas.ts';

const Json = Type.Unsafe<object>({ type: 'object', additionalProperties: true });
const tags = ['Provedores'];

const Provider = Type.Object({
  address: Type.String(),
  kind: Type.String(),
  title: Type.String(),
  models: Type.Array(Type.String(), { description: 'O padrão primeiro' }),
  aliases: Type.Array(Type.String()),
  tier: nullable(Type.String({ description: 'Nível provado pelo kit; null: nenhum' })),
  capabilities: nullable(Json),
  settings: Json,
  canProbe: Type.Boolean({ description: 'Sabe testar uma chave' }),
  prices: Type.Array(
    Type.Object({
      model: Type.String(),
      mode: Type.Enum(['batch', 'stream']),
      cost: Amount,
    }),
    {
      description:
        'Preço de tabela hoje, por modelo: um minuto de fala (stt), ou uma pergunta de 2.000 tokens com resposta de 200 (llm); ausente: ninguém sabe',
    },
  ),
  vendor: Type.Object({
    id: Type.String(),
    title: Type.String(),
    region: Type.String({ description: 'Onde os dados são tratados' }),
    credential: nullable(Json),
    env: Type.Array(Type.String({ description: 'Variável que traz a chave' })),
  }),
});

const Health = Type.Object({
  kind: Type.String(),
  address: Type.String(),
  model: Type.String(),
  credential: Type.String({ description: 'Impressão da chave: diz qual, sem dizê-la' }),
  state: Type.String(),
  since: Moment,
  until: nullable(Moment),
  window: Type.Object({ attempts: Type.Integer(), failed: Type.Integer() }, { description: 'Últimos 30 s' }),
  lastError: nullable(Type.String()),
  lastErrorAt: nullable(Moment),
  degraded: Type.Boolean({ description: 'Não ouve nada onde outros ouvem palavras' }),
});

const Probed = Type.Object({
  address: Type.String(),
  missing: nullable(Type.String()),
  canProbe: Type.Boolean(),
  keys: Type.Array(
    Type.Object({
      ok: Type.Boolean(),
      code: nullable(Type.String()),
      blame: nullable(Type.String({ description: 'vendor, config, network, …' })),
    }),
    { description: 'Uma por chave, na ordem em que valem' },
  ),
});

/** Keys asked at their vendor by one call. */
const MOST_KEYS = 10;

/** `/api/v1/providers`: what Balto can use, how it is doing, and whether its keys work. */
export const providers: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { configDoors, counters, money }) => {
  app.route({
    method: 'GET',
    url: '/api/v1/providers',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Provedores instalados, com o que cada um aceita e sabe fazer',
      tags,
      querystring: Type.Object({ kind: Type.Optional(Type.Enum([...KINDS])) }),
      response: {
        200: Type.Object({ items: Type.Array(Provider), next: Type.Null(), exchange: Exchange }),
        ...PROBLEMS,
      },
    },
    handler: async (request) => {
      const listed = configDoors.registry.list(request.query.kind);
      const items = listed.flatMap((each) => shownProvider(configDoors, money, each as ProviderManifest));
      return { items, next: null, exchange: money.exchange() };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/providers/health',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Saúde de cada provedor, modelo e chave usados há pouco neste processo; o último usado primeiro',
      tags,
      response: { 200: Type.Object({ items: Type.Array(Health), next: Type.Null() }), ...PROBLEMS },
    },
    handler: async () => {
      const items = configDoors.health().slice(0, PAGE_ROWS.most);
      return {
        items: items.map(({ key: _key, since, until, lastErrorAt, ...rest }) => ({
          ...rest,
          since: since.toISOString(),
          until: until?.toISOString() ?? null,
          lastErrorAt: lastErrorAt?.toISOString() ?? null,
        })),
        next: null,
      };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/providers/:kind/:id/probe',
    config: { access: { may: 'providers.write', client: 'any' } },
    schema: {
      summary: 'Testa no fornecedor as chaves que valem para todos, um cliente ou um balcão; sem áudio de ninguém',
      tags,
      params: Type.Object({ kind: Type.Enum([...KINDS]), id: Type.String({ minLength: 1, maxLength: 100 }) }),
      body: strict({
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        counterId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
      }),
      response: { 200: Probed, ...PROBLEMS },
    },
    handler: async (request) => {
      const { kind, id } = request.params;
      const { clientId: asked, counterId } = request.body;
      const counter = counterId === undefined ? null : await counters.byId(counterId);
      const clientId = clientToRead(principalOf(request), 'providers.write', asked ?? counter?.clientId, 'clientId');
      if (counterId !== undefined && counter?.clientId !== clientId) {
        throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.', 'counterId');
      }
      const effective = configDoors.configuration.for(clientId ?? '', counter?.counterId ?? null);
      const configured = effective.provider(`${kind}/${id}`);
      if (!configured) throw refuse(404, 'BALTO_REGISTRY_UNKNOWN', 'Não há esse provedor (GET /api/v1/providers).');
      const canProbe = configured.provider.probe !== undefined;
      const indexes = canProbe ? [...configured.credentials.keys()].slice(0, MOST_KEYS) : [];
      const verdicts = await Promise.all(indexes.map((index) => configDoors.probe(configured, index)));
      const keys = verdicts.map((error) => ({
        ok: error === null,
        code: error?.code ?? null,
        blame: error?.blame ?? null,
      }));
      return { address: configured.address, missing: configured.missing, canProbe, keys };
    },
  });
};

function shownProvider(
  { registry, tierOf }: ConfigDoors,
  money: MoneyDoors,
  provider: ProviderManifest,
): Static<typeof Provider>[] {
  const vendor = registry.vendor(provider.vendor);
  if (!vendor) return [];
  const { kind, id, title, models, aliases = [] } = provider;
  return [
    {
      address: `${kind}/${id}`,
      kind,
      title,
      models,
      aliases: [...aliases],
      tier: tierOf(vendor.id, `${kind}/${id}`),
      capabilities: capabilitiesOf({ registry }, provider),
      settings: plain(provider.settings),
      canProbe: provider.probe !== undefined,
      prices: pricesOf(money, provider),
      vendor: {
        id: vendor.id,
        title: vendor.title,
        region: vendor.region,
        credential: vendor.credential ? plain(vendor.credential) : null,
        env: vendor.env ?? [],
      },
    },
  ];
}

/** Of what is billed by the minute or by the question; both ways of asking where they cost differently. */
function pricesOf(money: MoneyDoors, { kind, id, models }: ProviderManifest): Static<typeof Provider>['prices'] {
  if (kind !== 'stt' && kind !== 'llm') return [];
  return models.flatMap((model) => {
    const [batch, stream] = (['batch', 'stream'] as const).map((mode) => ({
      mode,
      microUsd: money.prices.estimateMicroUsd(`${kind}/${id}`, mode, model),
    }));
    const told = batch?.microUsd === stream?.microUsd ? [batch] : [batch, stream];
    return told.flatMap((each) =>
      each && each.microUsd !== null
        ? [{ model, mode: each.mode, cost: amount(Math.round(each.microUsd), money) }]
        : [],
    );
  });
}

/** Under its default settings; null where it cannot be told without some of its own. */
function capabilitiesOf({ registry }: Pick<ConfigDoors, 'registry'>, provider: ProviderManifest): object | null {
  try {
    return { ...registry.capabilities(`${provider.kind}/${provider.id}`, registry.validateSettings(provider, {})) };
  } catch {
    return null; // a setting without a default decides it
  }
}

function plain(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema)) as object;
}
