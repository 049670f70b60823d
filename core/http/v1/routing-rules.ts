import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import { Rule as RoutingRule, RoutingSection } from '../../routing/rule.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../../store/config-table.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS } from '../problem.ts';
import { checkedLater } from './checked-later.ts';
import { authorOf, IF_MATCH, setEtag, Why } from './conventions.ts';
import { Activate, DraftShown, shownDraft, Warnings } from './draft-shown.ts';
import { type PlaceRoute, placeRoutes, unchangedSince } from './places.ts';
import { nullable, strict } from './schemas.ts';

const Shown = Type.Object({
  version: Type.Integer({ description: 'Versão em vigor; a mesma do ETag' }),
  rules: nullable(RoutingSection.properties.rules),
});

const Changed = Type.Object({ ...Shown.properties, changed: Type.Boolean(), warnings: Warnings });

/** Checked rule by rule, so that an error names its field and says what would do. */
export const AnyRules = Type.Array(Type.Unsafe<unknown>(checkedLater(RoutingRule)), {
  maxItems: 500,
  description: 'As regras, como o GET as mostra; a menor priority vem primeiro',
});

/** `/…/routing-rules`: the rules of everyone, and of a client. */
export const routingRules: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  // Rules tell counters apart by their tags: a counter has none of its own.
  const places = placeRoutes(options).filter(({ prefix }) => prefix !== '/api/v1/counters/:id');
  for (const route of places) await app.register(rulesAt(route), options);
};

function rulesAt(route: PlaceRoute): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, options) => {
    const { configDoors, configVersions } = options;
    const url = `${route.prefix}/routing-rules`;
    const tags = ['Roteamento'];
    const { params } = route;

    app.route({
      method: 'GET',
      url,
      config: { access: route.access('clients.read') },
      schema: { summary: `Regras de rota ${route.of}`, tags, params, response: { 200: Shown, ...PROBLEMS } },
      handler: async (request, reply) => {
        const answer = shownAt(options, await route.placeOf(request));
        setEtag(reply, answer.version);
        return answer;
      },
    });

    app.route({
      method: 'PUT',
      url,
      config: { access: route.access('routing.write') },
      schema: {
        summary: `Troca as regras de rota ${route.of}: valida e põe em vigor desde a próxima fala`,
        tags,
        params,
        headers: IF_MATCH,
        body: strict({ rules: AnyRules, why: Why, activate: Activate }),
        response: { 200: Changed, 201: Type.Object({ draft: DraftShown }), ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { rules, why, activate = true } = request.body;
        const place = await route.placeOf(request);
        const since = unchangedSince(request, await configVersions.newest());
        const change: ConfigChange = { ...place, section: 'routing', value: { rules } };
        const by = authorOf(request, why);
        if (!activate) {
          const draft = await configDoors.changes.keep(place, change, by, since);
          return reply.code(201).send({ draft: shownDraft(draft) });
        }
        const { changed, warnings } = await configDoors.changes.change([change], by, since);
        const answer = shownAt(options, place);
        setEtag(reply, answer.version);
        return { ...answer, changed: changed.length > 0, warnings };
      },
    });
  };
}

function shownAt({ config }: HttpOptions, place: Place): Static<typeof Shown> {
  const own = sectionsOf(config.snapshot(), place.clientId, place.counterId).get('routing') as
    | RoutingSection
    | undefined;
  return { version: config.version, rules: own?.rules ?? null };
}
