import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { Client } from '../../store/clients-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import {
  authorOf,
  clientsShown,
  IF_MATCH,
  PAGE_QUERY,
  pageOf,
  requireRevision,
  sendPage,
  setEtag,
  Why,
} from './conventions.ts';
import { Email, ID, Moment, nullable, strict, Text, VadPreset } from './schemas.ts';

const Shown = Type.Object({
  id: Type.String(),
  companyName: Type.String({ description: 'Razão social' }),
  email: Type.String(),
  phone: nullable(Type.String()),
  vad: VadPreset,
  createdAt: Moment,
  revision: Type.Integer({ description: 'A mesma do ETag' }),
});

const Phone = nullable(Type.String({ maxLength: 40 }));
const Code = Type.String({ description: '6 dígitos que cadastram balcões; mostrado somente agora' });
const tags = ['Clientes'];
const security = [{ sessao: [] }];

/** `/api/v1/clients`: who owns counters. Erasing one is not here: it takes its conversations with it. */
export const clients: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { settings } = options;

  app.route({
    method: 'GET',
    url: '/api/v1/clients',
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary: 'Clientes, por razão social',
      tags,
      security,
      querystring: Type.Object({
        ...PAGE_QUERY,
        q: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Parte do nome ou do e-mail' })),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { q, limit = PAGE_ROWS.usual, cursor } = request.query;
      const clientIds = clientsShown(request, 'clients.read');
      return sendPage(request, reply, await options.clients.page({ text: q, clientIds }, limit, cursor), shown);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id',
    config: { access: { may: 'clients.read', client: 'params.id' } },
    schema: { summary: 'Um cliente', tags, security, params: ID, response: { 200: Shown, ...PROBLEMS } },
    handler: async (request, reply) => {
      const client = (await options.clients.byId(request.params.id)) ?? unknown();
      setEtag(reply, client.revision);
      return shown(client);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients',
    config: { access: { may: 'clients.write' }, showsSecret: true },
    schema: {
      summary: 'Cadastra um cliente e mostra o código que cadastra os balcões dele',
      tags,
      security,
      body: strict({ email: Email, companyName: Text('Razão social'), phone: Type.Optional(Phone) }),
      response: { 201: Type.Object({ client: Shown, code: Code }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { email, companyName, phone } = request.body;
      const { client, code } = await options.clients.create(
        { email, companyName, phone: phone ?? undefined },
        settings.codeTtlHours,
        authorOf(request),
      );
      setEtag(reply, client.revision);
      return reply
        .code(201)
        .header('location', `/api/v1/clients/${client.clientId}`)
        .send({ client: shown(client), code });
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/clients/:id',
    config: { access: { may: 'clients.write', client: 'params.id' } },
    schema: {
      summary: 'Muda um cliente; o que não vem fica como está, `vad` é trocado inteiro',
      tags,
      security,
      params: ID,
      headers: IF_MATCH,
      body: strict({
        email: Type.Optional(Email),
        companyName: Type.Optional(Text('Razão social')),
        phone: Type.Optional(Phone),
        vad: Type.Optional(VadPreset),
        why: Why,
      }),
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, ...changes } = request.body;
      const by = authorOf(request, why);
      const changed = await options.clients.update(request.params.id, changes, by, requireRevision(request));
      const { after } = changed ?? unknown();
      setEtag(reply, after.revision);
      return shown(after);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/code',
    config: { access: { may: 'clients.write', client: 'params.id' }, showsSecret: true },
    schema: {
      summary: 'Faz um código novo para cadastrar balcões; o anterior deixa de valer',
      tags,
      security,
      params: ID,
      response: {
        200: Type.Object({ code: Code, expiresInHours: Type.Number() }),
        ...PROBLEMS,
      },
    },
    handler: async (request) => {
      const by = authorOf(request);
      const code = (await options.clients.createCode(request.params.id, settings.codeTtlHours, by)) ?? unknown();
      return { code, expiresInHours: settings.codeTtlHours };
    },
  });
};

function shown(client: Client): Static<typeof Shown> {
  const { clientId, createdAt, ...rest } = client;
  return { id: clientId, ...rest, createdAt: createdAt.toISOString() };
}

function unknown(): never {
  throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
}
