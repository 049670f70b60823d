import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { RoleGrant } from '../../store/roles-table.ts';
import type { UserWithRoles } from '../../store/user-rows.ts';
import { principalOf } from '../access.ts';
import type { DoorOptions } from '../options.ts';
import { knows, may, mayGrant, mayManage } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { givenRevision, IF_MATCH, requireRevision, setEtag, Why } from './conventions.ts';
import { byOf, InviteShown, manageablePerson, Person, Role, refuseSelf, shownTo, visiblePerson } from './people.ts';
import { ID, strict } from './schemas.ts';

const tags = ['Pessoas'];
const access = { may: 'users.write', client: 'any' } as const;
/** In a path, the whole installation. */
const PLATFORM = 'platform';

const RolePath = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64 }),
  client: Type.String({ minLength: 1, maxLength: 64, description: 'Id do cliente, ou "platform"' }),
});

/** What somebody may: roles, and whether they get in at all. */
export const userAccess: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  app.route({
    method: 'PUT',
    url: '/api/v1/users/:id/roles/:client',
    config: { access },
    schema: {
      summary: 'Dá ou muda o papel de uma pessoa em um cliente; vale já no próximo pedido dela',
      tags,
      params: RolePath,
      headers: IF_MATCH,
      body: strict({ role: Role, why: Why }),
      response: { 200: Person, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { role, why } = request.body;
      const grant = { clientId: clientOf(request.params.client), role };
      const user = await visiblePerson(request, options.users, request.params.id);
      requireGrant(request, user, grant);
      const changed = await options.users.setRole(user.id, requireRevision(request), grant, byOf(request, why));
      setEtag(reply, changed.revision);
      return shownTo(principalOf(request), changed);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/users/:id/roles/:client',
    config: { access },
    schema: {
      summary: 'Tira o papel de uma pessoa em um cliente',
      tags,
      params: RolePath,
      headers: IF_MATCH,
      body: strict({ why: Why }),
      response: { 200: Person, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const clientId = clientOf(request.params.client);
      const user = await visiblePerson(request, options.users, request.params.id);
      const held = user.roles.find((grant) => grant.clientId === clientId);
      if (!held) throw refuse(404, 'BALTO_USERS_UNKNOWN', 'Esta pessoa não tem papel aí.');
      requireGrant(request, user, held);
      const by = byOf(request, request.body.why);
      const changed = await options.users.removeRole(user.id, givenRevision(request) ?? '*', clientId, by);
      setEtag(reply, changed.revision);
      return shownTo(principalOf(request), changed);
    },
  });

  for (const [verb, disabled, summary] of [
    ['disable', true, 'Tira o acesso de uma pessoa: suas sessões acabam e seus tokens não abrem nada'],
    ['enable', false, 'Devolve o acesso a uma pessoa'],
  ] as const) {
    app.route({
      method: 'POST',
      url: `/api/v1/users/:id/${verb}`,
      config: { access },
      schema: { summary, tags, params: ID, body: strict({ why: Why }), response: { 200: Person, ...PROBLEMS } },
      handler: async (request, reply) => {
        const { id } = await manageablePerson(request, options.users, request.params.id, 'users.write');
        refuseSelf(request, id);
        const by = byOf(request, request.body.why);
        const changed = await options.users.setDisabled(id, givenRevision(request) ?? '*', disabled, by);
        setEtag(reply, changed.revision);
        return shownTo(principalOf(request), changed);
      },
    });
  }

  app.route({
    method: 'POST',
    url: '/api/v1/users/:id/reset',
    config: { access: { may: 'users.reset', client: 'any' }, showsSecret: true },
    schema: {
      summary: 'Faz a senha de uma pessoa parar de valer e mostra um convite para definir outra',
      tags,
      params: ID,
      body: strict({ why: Why }),
      response: { 200: InviteShown, ...PROBLEMS },
    },
    handler: async (request) => {
      const { id } = await manageablePerson(request, options.users, request.params.id, 'users.reset');
      refuseSelf(request, id);
      const by = byOf(request, request.body.why);
      const { token, expiresAt } = await options.passwords.reset(id, givenRevision(request) ?? '*', by);
      return { token, expiresAt: expiresAt.toISOString() };
    },
  });
};

/**
 * A role is given by who has all that it allows, over one that allows no more than that, and to who is there already: an
 * account that others look after cannot be drawn into a client behind their backs.
 */
function requireGrant(request: FastifyRequest, user: UserWithRoles, grant: RoleGrant): void {
  const principal = principalOf(request);
  const held = user.roles.find(({ clientId }) => clientId === grant.clientId);
  if (!knows(principal, grant.clientId)) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.', 'client');
  const isReachable = held !== undefined || mayManage(principal, user.roles, 'users.write');
  if (isReachable && mayGrant(principal, grant) && (!held || mayGrant(principal, held))) return;
  const isAbove = may(principal, 'users.write', grant.clientId);
  throw refuse(403, isAbove ? 'BALTO_USERS_ABOVE' : 'BALTO_ACCESS_DENIED', 'Este papel está acima do seu.', 'role');
}

function clientOf(text: string): string | null {
  return text === PLATFORM ? null : text;
}
