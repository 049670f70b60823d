import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ConfigChange } from '../../store/config-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import type { Permission } from '../permissions.ts';
import { may, notAllowed } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, clientsShown, PAGE_QUERY, pageOf, sendPage, Why } from './conventions.ts';
import { DraftShown, shownDraft, Warnings } from './draft-shown.ts';
import { ID, strict } from './schemas.ts';

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
  offering: 'lists.write',
};

/** Who has none of them has nothing to do with a draft; each section asks for its own besides. */
const DRAFTED = ['providers.write', 'routing.write'] as const satisfies Permission[];

/** `/api/v1/drafts`: changes that are validated and not in force yet. */
export const drafts: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { configDrafts, configDoors } = options;
  const tags = ['Configuração'];
  const clientOf = async (request: FastifyRequest) =>
    (await configDrafts.byId((request.params as { id: string }).id))?.clientId ?? null;
  const read = { access: { may: 'clients.read', client: clientOf } } as const;
  const write = { access: { may: DRAFTED, client: clientOf } } as const;

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
        200: Type.Object({ version: Type.Integer(), warnings: Warnings }),
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
    schema: {
      summary: 'Abandona um rascunho; os balcões que o provavam voltam ao que vale para o cliente',
      tags,
      params: ID,
      response: { 200: DraftShown, ...PROBLEMS },
    },
    handler: async (request) => {
      const { id, changes, canary } = (await configDrafts.byId(request.params.id)) ?? unknown();
      requireAll(request, changes);
      if (canary) {
        await configDoors.changes.endCanary(id, authorOf(request, 'rascunho abandonado'));
      }
      await configDrafts.discard(id);
      return shownDraft((await configDrafts.byId(id)) ?? unknown());
    },
  });
};

/** `/api/v1/drafts/{id}/canary`: a draft in force at some of its client's counters first. */
export const draftCanary: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { configDrafts, configDoors }) => {
  const tags = ['Configuração'];
  const url = '/api/v1/drafts/:id/canary';
  const clientOf = async (request: FastifyRequest) =>
    (await configDrafts.byId((request.params as { id: string }).id))?.clientId ?? null;
  const config = { access: { may: DRAFTED, client: clientOf } } as const;

  app.route({
    method: 'POST',
    url,
    config,
    schema: {
      summary: 'Prova um rascunho em alguns balcões, desde a próxima fala deles',
      description:
        'De um cliente: provedores e regras de rota; de todos: regras de rota. Os balcões são ditos, ou sorteados entre os que não têm escolha própria; o balcão virtual também serve. Cada decisão tomada em prova guarda o rascunho em `draft`.',
      tags,
      params: ID,
      body: strict({
        share: Type.Optional(
          Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'Parte dos balcões; pelo menos um' }),
        ),
        counterIds: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200 }),
        ),
        why: Why,
      }),
      response: { 200: DraftShown, ...PROBLEMS },
    },
    handler: async (request) => {
      const draft = (await configDrafts.byId(request.params.id)) ?? unknown();
      requireAll(request, draft.changes);
      const { share, counterIds, why } = request.body;
      if ((share === undefined) === (counterIds === undefined)) {
        throw refuse(400, 'BALTO_HTTP_FIELD', 'Diga share ou counterIds, um dos dois.', 'share');
      }
      const asked = share === undefined ? { counterIds: counterIds ?? [] } : { share };
      return shownDraft(await configDoors.changes.startCanary(draft.id, asked, authorOf(request, why)));
    },
  });

  app.route({
    method: 'DELETE',
    url,
    config,
    schema: {
      summary: 'Termina a prova: os balcões voltam ao que vale para o cliente, e o rascunho fica',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: { 200: DraftShown, ...PROBLEMS },
    },
    handler: async (request) => {
      const draft = (await configDrafts.byId(request.params.id)) ?? unknown();
      requireAll(request, draft.changes);
      return shownDraft(await configDoors.changes.endCanary(draft.id, authorOf(request, request.body.why)));
    },
  });
};

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
