import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Counter } from '../../store/counters-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { Access } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import type { Permission } from '../permissions.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import {
  authorOf,
  clientsShown,
  givenRevision,
  IF_MATCH,
  PAGE_QUERY,
  pageOf,
  requireRevision,
  sendPage,
  setEtag,
  Why,
} from './conventions.ts';
import { CounterKind, CounterStatus, ShownCounter, shownCounter, unknownCounter } from './counter-shown.ts';
import { ID, strict, Text, VadPreset } from './schemas.ts';

const Tags = Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,39}$' }), {
  maxItems: 20,
  description: 'Etiquetas, para as regras de roteamento: minúsculas, dígitos, hífen',
});

const FILTERS = {
  ...PAGE_QUERY,
  status: Type.Optional(CounterStatus),
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Parte do nome' })),
  kind: Type.Optional(
    Type.Union([CounterKind, Type.Literal('all')], { default: 'real', description: 'Sem dizer, só os de loja' }),
  ),
};

const tags = ['Balcões'];
const security = [{ sessao: [] }];
const response = { 200: ShownCounter, ...PROBLEMS };

/** `/api/v1/counters`: what an administrator does to one counter. Connections feel it within a second, in any process. */
export const counters: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { counterChanges } = options;
  const allow = (permission: Permission): { access: Access } => ({
    access: { may: permission, client: async (request) => clientOf(options, request) },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/counters',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Balcões de todos os clientes que você vê, por nome',
      tags,
      security,
      querystring: Type.Object({ ...FILTERS, clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }),
      response: { 200: pageOf(ShownCounter), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, status, q, clientId, kind } = request.query;
      const clientIds = clientsShown(request, 'clients.read', clientId);
      const page = await options.counters.page({ clientIds, status, kind: kindOf(kind), text: q }, limit, cursor);
      return sendPage(request, reply, page, shownCounter);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/counters',
    config: { access: { may: 'clients.read', client: 'params.id' } },
    schema: {
      summary: 'Balcões de um cliente, por nome',
      tags,
      security,
      params: ID,
      querystring: Type.Object(FILTERS),
      response: { 200: pageOf(ShownCounter), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, status, q, kind } = request.query;
      const client = await options.clients.byId(request.params.id);
      if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
      const filter = { clientIds: [client.clientId], status, kind: kindOf(kind), text: q };
      return sendPage(request, reply, await options.counters.page(filter, limit, cursor), shownCounter);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/counters/:id',
    config: allow('clients.read'),
    schema: { summary: 'Um balcão', tags, security, params: ID, response },
    handler: async (request, reply) => answer(reply, await options.counters.byId(request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/counters/:id',
    config: allow('counters.write'),
    schema: {
      summary: 'Muda nome e etiquetas; o que não vem fica como está',
      tags,
      security,
      params: ID,
      headers: IF_MATCH,
      body: strict({ name: Type.Optional(Text('Nome do balcão')), tags: Type.Optional(Tags), why: Why }),
      response,
    },
    handler: async (request, reply) => {
      const { why, ...settings } = request.body;
      const [by, expected] = [authorOf(request, why), requireRevision(request)];
      return answer(reply, await counterChanges.update(request.params.id, settings, by, expected));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/counters/:id/vad',
    config: allow('counters.write'),
    schema: {
      summary: 'Troca o ajuste de escuta do balcão, inteiro; vale desde a próxima conexão dele',
      tags,
      security,
      params: ID,
      headers: IF_MATCH,
      body: strict({ vad: VadPreset, why: Why }),
      response,
    },
    handler: async (request, reply) => {
      const { vad, why } = request.body;
      const [by, expected] = [authorOf(request, why), requireRevision(request)];
      return answer(reply, await counterChanges.update(request.params.id, { vad }, by, expected));
    },
  });

  const summaries = {
    approve: 'Aprova um balcão que espera, ou que estava suspenso',
    suspend: 'Suspende: as conexões dele fecham com 4003 em até 1 s, e ele pode ser aprovado de novo',
    revoke: 'Revoga a chave: as conexões dele fecham com 4001 em até 1 s; só volta com uma chave nova',
  };
  for (const verb of ['approve', 'suspend', 'revoke'] as const) {
    app.route({
      method: 'POST',
      url: `/api/v1/counters/:id/${verb}`,
      config: allow('counters.write'),
      schema: {
        summary: summaries[verb],
        tags,
        security,
        params: ID,
        headers: IF_MATCH,
        body: strict({ why: Why }),
        response,
      },
      handler: async (request, reply) => {
        const [by, expected] = [authorOf(request, request.body.why), givenRevision(request)];
        return answer(reply, await counterChanges[verb](request.params.id, by, expected));
      },
    });
  }

  app.route({
    method: 'POST',
    url: '/api/v1/counters/:id/rotate',
    config: { ...allow('counters.write'), showsSecret: true },
    schema: {
      summary: 'Faz uma chave nova; a antiga deixa de valer, e as conexões que a usam fecham com 4001 em até 1 s',
      tags,
      security,
      params: ID,
      headers: IF_MATCH,
      body: strict({ why: Why }),
      response: {
        200: Type.Object({ counter: ShownCounter, apiKey: Type.String({ description: 'Mostrada somente agora' }) }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const [by, expected] = [authorOf(request, request.body.why), givenRevision(request)];
      const rotated = await counterChanges.rotate(request.params.id, by, expected);
      const { counter, apiKey } = rotated ?? unknownCounter();
      return { counter: answer(reply, counter), apiKey };
    },
  });
};

async function clientOf({ counters }: HttpOptions, request: FastifyRequest): Promise<string | null> {
  const { id } = request.params as { id: string };
  return (await counters.byId(id))?.clientId ?? null;
}

function answer(reply: FastifyReply, found: Counter | { after: Counter } | null): Static<typeof ShownCounter> {
  if (!found) return unknownCounter();
  const counter = 'after' in found ? found.after : found;
  setEtag(reply, counter.revision);
  return shownCounter(counter);
}

/** Of which kind a list shows counters; undefined: of both. */
function kindOf(asked: 'real' | 'virtual' | 'all' = 'real'): 'real' | 'virtual' | undefined {
  return asked === 'all' ? undefined : asked;
}
