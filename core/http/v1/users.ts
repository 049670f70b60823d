import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import type { DoorOptions } from '../options.ts';
import { clientToRead, knows, mayGrant, mayManage, notAllowed } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { IF_MATCH, PAGE_QUERY, pageOf, requireRevision, sendPage, setEtag, Why } from './conventions.ts';
import { byOf, ClientId, InviteShown, manageablePerson, Person, Role, shownTo, visiblePerson } from './people.ts';
import { Email, ID, nullable, strict, Text } from './schemas.ts';

const tags = ['Pessoas'];

/** `/api/v1/users`: who administers. What changes their access stands in `user-access.ts`. */
export const users: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  app.route({
    method: 'GET',
    url: '/api/v1/users',
    config: { access: { may: 'users.write', client: 'any' } },
    schema: {
      summary: 'Quem administra: de um cliente, ou da instalação inteira',
      tags,
      querystring: Type.Object({ ...PAGE_QUERY, clientId: Type.Optional(Type.String({ maxLength: 64 })) }),
      response: { 200: pageOf(Person), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { limit = PAGE_ROWS.usual, cursor } = request.query;
      const clientId = clientToRead(principal, 'users.write', request.query.clientId, 'clientId');
      const page = await options.users.page(limit, cursor, clientId);
      return sendPage(request, reply, page, (user) => shownTo(principal, user));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/users/:id',
    config: { access: { may: 'users.write', client: 'any' } },
    schema: { summary: 'Uma pessoa', tags, params: ID, response: { 200: Person, ...PROBLEMS } },
    handler: async (request, reply) => {
      const user = await visiblePerson(request, options.users, request.params.id);
      setEtag(reply, user.revision);
      return shownTo(principalOf(request), user);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/users',
    config: { access: { may: 'users.write', client: 'any' }, showsSecret: true },
    schema: {
      summary: 'Dá um papel a alguém: com convite para definir a senha, ou com a senha já definida',
      tags,
      body: strict({
        email: Email,
        name: Text('Nome'),
        clientId: ClientId,
        role: Role,
        password: Type.Optional(Type.String({ maxLength: 1024, description: 'Sem ela, a resposta traz um convite' })),
        why: Type.Optional(Why),
      }),
      response: { 201: Type.Object({ user: Person, invite: nullable(InviteShown) }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { clientId, role, why, ...input } = request.body;
      const grant = { clientId, role };
      if (!mayGrant(principal, grant)) throw notGranted(knows(principal, clientId));
      const { user, invite } = await options.users.invite({ ...input, grant }, byOf(request, why), (roles) =>
        mayManage(principal, roles, 'users.write'),
      );
      setEtag(reply, user.revision);
      return reply
        .code(201)
        .header('location', `/api/v1/users/${user.id}`)
        .send({
          user: shownTo(principal, user),
          invite: invite && { token: invite.token, expiresAt: invite.expiresAt.toISOString() },
        });
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/users/:id',
    config: { access: { may: 'users.write', client: 'any' } },
    schema: {
      summary: 'Muda o nome ou o e-mail de uma pessoa',
      tags,
      params: ID,
      headers: IF_MATCH,
      body: strict({ name: Type.Optional(Text('Nome')), email: Type.Optional(Email), why: Why }),
      response: { 200: Person, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, ...changes } = request.body;
      const { id } = await manageablePerson(request, options.users, request.params.id, 'users.write');
      const user = await options.users.update(id, requireRevision(request), changes, byOf(request, why));
      setEtag(reply, user.revision);
      return shownTo(principalOf(request), user);
    },
  });
};

function notGranted(isKnown: boolean) {
  return isKnown
    ? notAllowed('users.write')
    : refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.', 'clientId');
}
