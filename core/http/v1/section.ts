import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { sectionsOf } from '../../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../../store/config-table.ts';
import type { Access } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import type { Permission } from '../permissions.ts';
import { PROBLEMS } from '../problem.ts';
import { authorOf, IF_MATCH, setEtag, Why } from './conventions.ts';
import { Warnings } from './draft-shown.ts';
import { type PlaceRoute, placeRoutes, unchangedSince } from './places.ts';
import { nullable, strict } from './schemas.ts';

/** A section of the configuration that is read and replaced whole, for everyone and for a client. */
export interface SectionRoutes<S extends TSchema> {
  /** Of the configuration, and of the path. */
  section: 'budget' | 'limits' | 'voices' | 'offering';
  tag: string;
  /** pt-BR, as a summary goes on: "O orçamento". */
  title: string;
  value: TObject;
  /** What is shown beside it, and how it stands now. */
  shown: S;
  show(options: HttpOptions, place: Place): Promise<Static<S>>;
  /** Where it stands is given as the routes of that place have it. */
  mayWrite(route: PlaceRoute): Access;
}

/** GET, PUT and DELETE of one section, for everyone and for each client. */
export function sectionRoutes<S extends TSchema>(of: SectionRoutes<S>): FastifyPluginAsyncTypebox<HttpOptions> {
  return async (app, options) => {
    const places = placeRoutes(options).filter(({ prefix }) => prefix !== '/api/v1/counters/:id');
    for (const route of places) await app.register(sectionAt(of, route), options);
  };
}

function sectionAt<S extends TSchema>(
  { section, tag, title, value, shown, show, mayWrite }: SectionRoutes<S>,
  route: PlaceRoute,
): FastifyPluginAsyncTypebox<HttpOptions> {
  const Shown = Type.Object({
    version: Type.Integer({ description: 'Versão em vigor; a mesma do ETag' }),
    own: nullable(Type.Unsafe<object>(value)),
    now: Type.Unsafe<unknown>(shown),
  });
  const Body = Type.Unsafe<{ why: string }>(strict({ ...value.properties, why: Why }));
  const Changed = Type.Object({ ...Shown.properties, changed: Type.Boolean(), warnings: Warnings });
  return async (app, options) => {
    const { config, configVersions, configDoors } = options;
    const url = `${route.prefix}/${section}`;
    const { params } = route;
    const shownAt = async (place: Place) => ({
      version: config.version,
      own: sectionsOf(config.snapshot(), place.clientId, null).get(section) ?? null,
      now: (await show(options, place)) as unknown,
    });
    const change = async (place: Place, to: object | null, request: Parameters<typeof authorOf>[0], why: string) => {
      const since = unchangedSince(request, await configVersions.newest());
      const changes: ConfigChange[] = [{ ...place, section, value: to }];
      const { changed, warnings } = await configDoors.changes.change(changes, authorOf(request, why), since);
      return { ...(await shownAt(place)), changed: changed.length > 0, warnings };
    };

    app.route({
      method: 'GET',
      url,
      config: { access: route.access('clients.read') },
      schema: { summary: `${title} ${route.of}`, tags: [tag], params, response: { 200: Shown, ...PROBLEMS } },
      handler: async (request, reply) => {
        const answer = await shownAt(await route.placeOf(request));
        setEtag(reply, answer.version);
        return answer;
      },
    });

    app.route({
      method: 'PUT',
      url,
      config: { access: mayWrite(route) },
      schema: {
        summary: `Troca: ${title.toLowerCase()} ${route.of}; vale em todos os processos em menos de 1 s`,
        tags: [tag],
        params,
        headers: IF_MATCH,
        body: Body,
        response: { 200: Changed, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { why, ...to } = request.body;
        const answer = await change(await route.placeOf(request), to, request, why);
        setEtag(reply, answer.version);
        return answer;
      },
    });

    app.route({
      method: 'DELETE',
      url,
      config: { access: mayWrite(route) },
      schema: {
        summary: `Retira: ${title.toLowerCase()} ${route.of}; vale a camada de baixo`,
        tags: [tag],
        params,
        headers: IF_MATCH,
        body: strict({ why: Why }),
        response: { 200: Changed, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const answer = await change(await route.placeOf(request), null, request, request.body.why);
        setEtag(reply, answer.version);
        return answer;
      },
    });
  };
}

/** Whoever may do it in that place. */
export const where =
  (permission: Permission) =>
  (route: PlaceRoute): Access =>
    route.access(permission);
