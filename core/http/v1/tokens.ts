import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { ApiToken } from '../../store/api-tokens-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import { principalOf } from '../access.ts';
import type { DoorOptions } from '../options.ts';
import { PERMISSIONS, type Permission, ROLE_PERMISSIONS } from '../permissions.ts';
import { clientsWhere, clientToRead, knows, may, notAllowed, type Principal } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { PAGE_QUERY, pageOf, sendPage, Why } from './conventions.ts';
import { byOf, ClientId } from './people.ts';
import { ID, Moment, nullable, strict, Text } from './schemas.ts';

const Scope = Type.Unsafe<Permission>({ type: 'string', enum: Object.keys(PERMISSIONS) });

const Shown = Type.Object({
  id: Type.String(),
  name: Type.String(),
  userId: Type.String({ description: 'Quem o criou: o token nunca pode mais do que essa pessoa pode agora' }),
  clientId: ClientId,
  scopes: Type.Array(Type.String()),
  prefix: Type.String({ description: 'Início do token, para reconhecê-lo' }),
  createdAt: Moment,
  expiresAt: nullable(Moment),
  lastUsedAt: nullable(Moment),
  revokedAt: nullable(Moment),
});

const tags = ['Tokens'];
/** Ten years: a date further off is a slip of the pen. */
const LONGEST_DAYS = 3650;
const DAY_MS = 86_400_000;

/** `/api/v1/tokens`: for programs. A token is made in a session only: one that made others would outlive itself. */
export const tokens: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  app.route({
    method: 'GET',
    url: '/api/v1/tokens',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'Os próprios tokens; com clientId, os de um cliente; com all, os de todos',
      tags,
      querystring: Type.Object({
        ...PAGE_QUERY,
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        all: Type.Optional(Type.Boolean()),
      }),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, clientId, all } = request.query;
      const principal = principalOf(request);
      const isOwn = clientId === undefined && all !== true;
      const of = isOwn
        ? { userId: principal.userId }
        : { clientId: clientToRead(principal, 'users.write', clientId, 'clientId') };
      return sendPage(request, reply, await options.tokens.page(limit, cursor, of), shown);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/tokens',
    config: { access: { may: 'tokens.write', client: 'any' }, showsSecret: true },
    schema: {
      summary: 'Cria um token, com permissões que você tem, e o mostra uma única vez',
      tags,
      body: strict({
        name: Text('Para que serve', 100),
        clientId: Type.Optional(ClientId),
        scopes: Type.Array(Scope, { minItems: 1, uniqueItems: true, maxItems: 50, description: 'Permissões' }),
        expiresInDays: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: LONGEST_DAYS }))),
        why: Type.Optional(Why),
      }),
      response: {
        201: Type.Object({ token: Shown, secret: Type.String({ description: 'bt_…; mostrado somente agora' }) }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { name, clientId = null, scopes, expiresInDays = null, why } = request.body;
      requireScopes(principal, clientId, scopes);
      const expiresAt =
        expiresInDays === null ? null : new Date(options.clock.date().getTime() + expiresInDays * DAY_MS);
      const input = { userId: principal.userId, clientId, name, scopes, expiresAt };
      const { token, secret } = await options.tokens.create(input, byOf(request, why));
      return reply.code(201).send({ token: shown(token), secret });
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/tokens/:id',
    config: { access: { who: 'signed-in' } },
    schema: {
      summary: 'Revoga um token: na mesma hora não abre mais nada',
      tags,
      params: ID,
      response: { 204: Type.Null({ description: 'Feito' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const token = await options.tokens.byId(request.params.id);
      if (!token) throw unknown();
      // A token may end itself; its maker's others are none of its scopes.
      const isOwn = principal.kind === 'user' ? token.userId === principal.userId : token.id === principal.id;
      if (!isOwn && !may(principal, 'users.write', token.clientId)) {
        throw knows(principal, token.clientId) ? notAllowed('users.write') : unknown();
      }
      if (!(await options.tokens.revoke(token.id, byOf(request, undefined)))) throw unknown();
      return reply.code(204).send(null);
    },
  });
};

/** @throws 403, 404: a token has what its maker has, where the token is for, and nothing else. */
function requireScopes(principal: Principal, clientId: string | null, scopes: Permission[]): void {
  if (principal.kind !== 'user') {
    throw refuse(403, 'BALTO_ACCESS_SESSION_ONLY', 'Isto só se faz com uma sessão, não com um token.');
  }
  if (clientId !== null && !knows(principal, clientId)) {
    throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.', 'clientId');
  }
  if (clientId !== null && !may(principal, 'tokens.write', clientId)) throw notAllowed('tokens.write');
  for (const scope of scopes) {
    if (!isHeld(principal, clientId, scope)) {
      throw refuse(403, 'BALTO_ACCESS_DENIED', `A permissão ${scope} não é sua para dar a este token.`, 'scopes');
    }
  }
}

/** What is of the whole installation is no client's, not even the platform owner's there. */
function isHeld(principal: Principal, clientId: string | null, scope: Permission): boolean {
  if (clientId === null) return clientsWhere(principal, scope)?.length !== 0;
  return may(principal, scope, clientId) && ROLE_PERMISSIONS.owner.has(scope);
}

function shown(token: ApiToken): Static<typeof Shown> {
  const { createdAt, expiresAt, lastUsedAt, revokedAt, ...rest } = token;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  };
}

function unknown() {
  return refuse(404, 'BALTO_TOKEN_UNKNOWN', 'Token não encontrado.');
}
