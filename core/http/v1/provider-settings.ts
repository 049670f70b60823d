import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import { KINDS, type Kind } from '../../contracts/index.ts';
import type { ConfiguredProvider } from '../../registry/configured.ts';
import { ProvidersSection } from '../../routing/sections.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../../store/config-table.ts';
import { redacted } from '../../store/redact.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { authorOf, IF_MATCH, setEtag, Why } from './conventions.ts';
import { Activate, DraftShown, shownDraft, Warnings } from './draft-shown.ts';
import { type PlaceRoute, placeRoutes, unchangedSince } from './places.ts';
import { nullable, strict } from './schemas.ts';

const KindParam = Type.Object({ kind: Type.Enum([...KINDS]) });

const Used = Type.Object({
  address: Type.String(),
  title: Type.String(),
  vendor: Type.String(),
  region: Type.String(),
  usable: Type.Boolean(),
  missing: nullable(Type.String({ description: 'O que falta, com o remédio' })),
  keys: Type.Integer({ description: 'Chaves que podem ser usadas' }),
  settings: Type.Object({}, { additionalProperties: true }),
});

const Shown = Type.Object({
  kind: Type.String(),
  version: Type.Integer({ description: 'Versão em vigor; a mesma do ETag' }),
  own: nullable(ProvidersSection),
  layer: Type.String({ description: 'Camada de onde vem a lista: environment, global, client ou counter' }),
  use: Type.Array(Used, { description: 'Em vigor aqui, na ordem' }),
});

const Changed = Type.Object({ ...Shown.properties, changed: Type.Boolean(), warnings: Warnings });

/** `/…/providers/{kind}`: which providers are used, for everyone, for a client or for a counter. */
export const providerSettings: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  for (const route of placeRoutes(options)) await app.register(providersAt(route), options);
};

function providersAt(route: PlaceRoute): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, options) => {
    const { configDoors, configVersions } = options;
    const { changes } = configDoors;
    const url = `${route.prefix}/providers/:kind`;
    const tags = ['Provedores'];
    const params = Type.Object({ ...route.params.properties, ...KindParam.properties });

    app.route({
      method: 'GET',
      url,
      config: { access: route.access('clients.read') },
      schema: { summary: `Provedores ${route.of}`, tags, params, response: { 200: Shown, ...PROBLEMS } },
      handler: async (request, reply) => {
        const place = await route.placeOf(request);
        const answer = shownAt(options, place, request.params.kind as Kind);
        setEtag(reply, answer.version);
        return answer;
      },
    });

    app.route({
      method: 'PUT',
      url,
      config: { access: route.access('providers.write') },
      schema: {
        summary: `Troca os provedores ${route.of}: valida e põe em vigor desde a próxima fala, sem derrubar conexão`,
        tags,
        params,
        headers: IF_MATCH,
        body: strict({
          ...ProvidersSection.properties,
          why: Why,
          activate: Activate,
        }),
        response: { 200: Changed, 201: Type.Object({ draft: DraftShown }), ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { why, activate = true, ...section } = request.body;
        const kind = request.params.kind as Kind;
        const place = await route.placeOf(request);
        const since = unchangedSince(request, await configVersions.newest());
        const change: ConfigChange = { ...place, section: `providers.${kind}`, value: section };
        const by = authorOf(request, why);
        if (!activate) {
          return reply.code(201).send({ draft: shownDraft(await changes.keep(place, change, by, since)) });
        }
        const { changed, warnings } = await changes.change([change], by, since);
        const answer = shownAt(options, place, kind);
        setEtag(reply, answer.version);
        return { ...answer, changed: changed.length > 0, warnings };
      },
    });

    app.route({
      method: 'DELETE',
      url,
      config: { access: route.access('providers.write') },
      schema: {
        summary: `Retira a escolha ${route.of}: vale a camada de baixo`,
        tags,
        params,
        headers: IF_MATCH,
        body: strict({ why: Why }),
        response: { 200: Changed, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const kind = request.params.kind as Kind;
        const place = await route.placeOf(request);
        const since = unchangedSince(request, await configVersions.newest());
        const change: ConfigChange = { ...place, section: `providers.${kind}`, value: null };
        const { changed, warnings } = await changes.change([change], authorOf(request, request.body.why), since);
        const answer = shownAt(options, place, kind);
        setEtag(reply, answer.version);
        return { ...answer, changed: changed.length > 0, warnings };
      },
    });
  };
}

function shownAt({ config, configDoors }: HttpOptions, place: Place, kind: Kind): Static<typeof Shown> {
  const effective = configDoors.configuration.for(place.clientId ?? '', place.counterId);
  const own = sectionsOf(config.snapshot(), place.clientId, place.counterId).get(`providers.${kind}`) ?? null;
  return {
    kind,
    version: config.version,
    own: own && (redacted(own) as ProvidersSection),
    layer: effective.listLayer[kind],
    use: effective.configured[kind].map(shownProvider),
  };
}

function shownProvider({ address, provider, vendor, missing, credentials, settings }: ConfiguredProvider) {
  return {
    address,
    title: provider.title,
    vendor: vendor.id,
    region: vendor.region,
    usable: missing === null,
    missing,
    keys: missing === null ? credentials.length : 0,
    settings: redacted(settings) as Record<string, unknown>,
  };
}
