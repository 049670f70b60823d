import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ConfigDraft } from '../../store/config-drafts-table.ts';
import type { ConfigChange } from '../../store/config-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { redacted } from '../../store/redact.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import type { Permission } from '../permissions.ts';
import { may, notAllowed } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, clientsShown, PAGE_QUERY, pageOf, sendPage, Why } from './conventions.ts';
import { ID, Moment, nullable, strict } from './schemas.ts';

const Any = Type.Unsafe<object>({ type: 'object', additionalProperties: true });

export const DraftShown = Type.Object({
  id: Type.String(),
  clientId: nullable(Type.String()),
  counterId: nullable(Type.String()),
  baseVersion: Type.Integer(),
  state: Type.String({ description: 'open, valid, refused, active ou discarded' }),
  author: Type.String(),
  createdAt: Moment,
  changes: Type.Array(Any),
  validation: nullable(Any),
  activatedVersion: nullable(Type.Integer()),
});

/** What each section's change needs. */
const NEEDS: Record<string, Permission> = {
  providers: 'providers.write',
  routing: 'routing.write',
  credentials: 'secrets.write',
  // They protect the other clients: whoever they hold does not loosen them.
  limits: 'platform',
  budget: 'limits.write',
  prices: 'prices.write',
  restrictions: 'lists.tighten',
};

/** `/api/v1/drafts`: changes that are validated and not in force yet. */
export const drafts: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { configDrafts, configDoors } = options;
  const tags = ['Configuração'];
  const clientOf = async (request: FastifyRequest) =>
    (await configDrafts.byId((request.params as { id: string }).id))?.clientId ?? null;
  const read = { access: { may: 'clients.read', client: clientOf } } as const;
  const write = { access: { may: 'providers.write', client: clientOf } } as const;

  app.route({
    method: 'GET',
    url: '/api/v1/drafts',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Rascunhos de configuração, do mais novo ao mais antigo',
      tags,
      querystring: Type.Object({ ...PAGE_QUERY, clientId: Type.Optional(Type.String({ maxLength: 64 })) }),
      response: { 200: pageOf(DraftShown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId } = request.query;
      const clientIds = clientsShown(request, 'clients.read', clientId);
      return sendPage(request, reply, await configDrafts.page({ clientIds }, limit, cursor), shownDraft);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/drafts/:id',
    config: read,
    schema: { summary: 'Um rascunho', tags, params: ID, response: { 200: DraftShown, ...PROBLEMS } },
    handler: async (request) => shownDraft((await configDrafts.byId(request.params.id)) ?? unknown()),
  });

  app.route({
    method: 'POST',
    url: '/api/v1/drafts/:id/activate',
    config: write,
    schema: {
      summary: 'Valida um rascunho de novo e o põe em vigor',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: {
        200: Type.Object({ version: Type.Integer(), warnings: Type.Array(Any) }),
        ...PROBLEMS,
      },
    },
    handler: async (request) => {
      const draft = (await configDrafts.byId(request.params.id)) ?? unknown();
      requireAll(request, draft.changes);
      const { version, warnings } = await configDoors.changes.activate(draft.id, authorOf(request, request.body.why));
      return { version, warnings };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/drafts/:id/discard',
    config: write,
    schema: { summary: 'Abandona um rascunho', tags, params: ID, response: { 200: DraftShown, ...PROBLEMS } },
    handler: async (request) => {
      const { id } = (await configDrafts.byId(request.params.id)) ?? unknown();
      await configDrafts.discard(id);
      return shownDraft((await configDrafts.byId(id)) ?? unknown());
    },
  });
};

export function shownDraft(draft: ConfigDraft): Static<typeof DraftShown> {
  const { createdAt, changes, validation, ...rest } = draft;
  return { ...rest, createdAt: createdAt.toISOString(), changes: changes.map(redacted), validation };
}

/** @throws 403 unless the caller may change each of these sections, where it stands. */
export function requireAll(
  request: FastifyRequest,
  changes: readonly Pick<ConfigChange, 'section' | 'clientId'>[],
): void {
  const principal = principalOf(request);
  for (const { section, clientId } of changes) {
    const permission = NEEDS[section.split('.')[0] ?? ''] ?? 'platform';
    if (!may(principal, permission, clientId)) throw notAllowed(permission);
  }
}

function unknown(): never {
  throw refuse(404, 'BALTO_CONFIG_DRAFT_UNKNOWN', 'Não há esse rascunho.');
}
