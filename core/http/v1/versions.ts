import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ConfigVersion, RecordedChange } from '../../store/config-table.ts';
import { PAGE_ROWS, readCursor, toPage } from '../../store/page.ts';
import { redacted } from '../../store/redact.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { clientsWhere, clientToRead, may } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, PAGE_QUERY, pageOf, sendPage, Why } from './conventions.ts';
import { SECTION_PLACE, SectionValue } from './draft-shown.ts';
import { requireAll } from './drafts.ts';
import { Moment, nullable, strict } from './schemas.ts';

const Changed = Type.Object({
  ...SECTION_PLACE,
  before: SectionValue('A seção antes; null: não havia'),
  after: SectionValue('A seção depois; null: retirada'),
});

const Shown = Type.Object({
  version: Type.Integer(),
  at: Moment,
  actor: Type.String(),
  why: nullable(Type.String()),
  kind: Type.String({ description: 'seed, change ou rollback' }),
  clientId: nullable(Type.String()),
  rolledBackTo: nullable(Type.Integer()),
  changes: Type.Array(Changed, { description: 'Antes e depois de cada seção' }),
});

const Status = Type.Object({
  version: Type.Integer({ description: 'A mais nova' }),
  processes: Type.Array(
    Type.Object({
      host: Type.String(),
      pid: Type.Integer(),
      own: Type.Boolean({ description: 'É o processo que responde' }),
      version: Type.Integer({ description: 'A que ele aplica' }),
      startedAt: Moment,
      seenAt: Moment,
      stale: Type.Boolean({ description: 'Aplica outra que a mais nova, ou não dá sinal há 20 s' }),
      sessions: Type.Record(Type.String(), Type.Integer(), { description: 'Sessões por versão da última fala' }),
    }),
  ),
  staleSince: nullable(Type.String({ description: 'Desde quando este processo não sabe se a sua é a mais nova' })),
});

const N = Type.Object({ n: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });
/** Sections that a rollback may bring back, with the permission that each needs. */
const SECTIONS = ['providers', 'routing', 'credentials', 'budget'];

/** What a pharmacist took away stays away, whatever version somebody else goes back to. */
const KEPT = ['restrictions', 'offering'];

/** `/api/v1/versions`: what was in force when, and the way back. */
export const versions: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { config, configDoors, configVersions } = options;
  const tags = ['Configuração'];

  app.route({
    method: 'GET',
    url: '/api/v1/versions',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Versões da configuração, da mais nova à mais antiga',
      tags,
      querystring: Type.Object({ ...PAGE_QUERY, clientId: Type.Optional(Type.String({ maxLength: 64 })) }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor } = request.query;
      const clientId = clientToRead(principalOf(request), 'clients.read', request.query.clientId, 'clientId');
      const [before] = readCursor(cursor, ['number']) ?? [];
      const rows = await configVersions.history({
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(clientId !== null && { clientId }),
      });
      return sendPage(
        request,
        reply,
        toPage(
          rows,
          limit,
          (row) => row,
          ({ version }) => [version],
        ),
        shown,
      );
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/versions/:n',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Uma versão: quem, por quê, antes e depois',
      tags,
      params: N,
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const version = visible(request, await configVersions.byVersion(request.params.n));
      return shown(version ?? unknown());
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/versions/:n/rollback',
    config: { access: { may: 'providers.write', client: 'any' } },
    schema: {
      summary: 'Volta ao estado de uma versão, como versão nova: tudo, ou um cliente só',
      tags,
      params: N,
      body: strict({
        clientId: Type.Optional(nullable(Type.String({ maxLength: 64, description: 'Só este cliente; null: tudo' }))),
        why: Why,
      }),
      response: { 200: Type.Object({ version: Type.Integer(), changes: Type.Array(Changed) }), ...PROBLEMS },
    },
    handler: async (request) => {
      const asked = request.body.clientId ?? undefined;
      const clientId = clientToRead(principalOf(request), 'providers.write', asked, 'clientId');
      const places = clientId === null ? [...SECTIONS, 'platform'] : SECTIONS;
      requireAll(
        request,
        places.map((section) => ({ section, clientId })),
      );
      const isPlatform = may(principalOf(request), 'platform', null);
      const only = { ...(clientId !== null && { clientId }), keep: isPlatform ? KEPT : [...KEPT, 'limits'] };
      const by = authorOf(request, request.body.why);
      const { version, changed } = await configDoors.changes.rollback(request.params.n, { ...by, ...only });
      return { version, changes: changed.map(shownChange) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/config/status',
    config: { access: { may: 'clients.read' } },
    schema: {
      summary: 'Que versão cada processo aplica, e quantas sessões em cada uma',
      tags,
      response: { 200: Status, ...PROBLEMS },
    },
    handler: async () => {
      const newest = await configVersions.newest();
      const processes = (await config.processes()).map(
        ({ host, pid, own, version, startedAt, seenAt, silent, sessions }) => ({
          host,
          pid,
          own,
          version,
          startedAt: startedAt.toISOString(),
          seenAt: seenAt.toISOString(),
          stale: silent || version !== newest,
          sessions,
        }),
      );
      return { version: newest, processes, staleSince: config.status().staleSince?.toISOString() ?? null };
    },
  });
};

/** Of a version only what is the caller's own; null: nothing of it is. */
function visible(request: FastifyRequest, version: ConfigVersion | null): ConfigVersion | null {
  const clientIds = clientsWhere(principalOf(request), 'clients.read');
  if (!version || clientIds === null) return version;
  const changes = version.changes.filter(({ clientId }) => clientId !== null && clientIds.includes(clientId));
  return changes.length > 0 ? { ...version, changes } : null;
}

function shown({ at, changes, ...rest }: ConfigVersion): Static<typeof Shown> {
  return { ...rest, at: at.toISOString(), changes: changes.map(shownChange) };
}

function shownChange(change: RecordedChange): RecordedChange {
  return redacted(change) as RecordedChange;
}

function unknown(): never {
  throw refuse(404, 'BALTO_CONFIG_VERSION_UNKNOWN', 'Não há essa versão da configuração.');
}
