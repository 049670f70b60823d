import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../access.ts';
import type { DoorOptions } from '../options.ts';
import { PERMISSIONS, type Permission, permissionsOf } from '../permissions.ts';
import { may } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { clearSessionCookie, sessionToken } from '../session.ts';
import { byOf, ClientId, Role } from './people.ts';
import { Moment, nullable, strict } from './schemas.ts';

const tags = ['Pessoas'];
const NO_CONTENT = { 204: Type.Null({ description: 'Feito' }) };

const Myself = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('token')]),
  id: Type.String(),
  email: nullable(Type.String()),
  name: Type.String(),
  roles: Type.Array(
    Type.Object({
      clientId: ClientId,
      role: Role,
      permissions: Type.Array(Type.String({ description: 'O que pode aí' })),
    }),
  ),
});

const Session = Type.Object({
  id: Type.String(),
  createdAt: Moment,
  seenAt: Moment,
  address: nullable(Type.String()),
  isCurrent: Type.Boolean({ description: 'É a deste pedido' }),
});

/** `/api/v1/me`: one's own account. */
export const me: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  const { admin, passwords, passwordChecks } = options;

  app.route({
    method: 'GET',
    url: '/api/v1/me',
    config: { access: { who: 'signed-in' } },
    schema: { summary: 'Quem faz este pedido, e o que pode', tags, response: { 200: Myself, ...PROBLEMS } },
    handler: async (request) => {
      const principal = principalOf(request);
      const user = await options.users.byId(principal.userId);
      const roles = principal.roles.map(({ clientId, role }) => ({
        clientId,
        role,
        permissions: (Object.keys(PERMISSIONS) as Permission[]).filter(
          (permission) => permissionsOf({ clientId, role }).has(permission) && may(principal, permission, clientId),
        ),
      }));
      return { kind: principal.kind, id: principal.id, email: user?.email ?? null, name: user?.name ?? '', roles };
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/v1/me/password',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'Troca a própria senha; as outras sessões acabam',
      tags,
      body: strict({
        current: Type.String({ minLength: 1, maxLength: 1024, description: 'Senha atual' }),
        password: Type.String({ maxLength: 1024, description: 'Senha nova: 12 caracteres ou mais' }),
      }),
      response: { ...NO_CONTENT, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { userId } = principalOf(request);
      const { current, password } = request.body;
      const change = { current, next: password, keep: sessionToken(request) ?? '' };
      const isDone = await passwordChecks.run(`user:${userId}`, request.ip, () =>
        passwords.change(userId, change, byOf(request, undefined)),
      );
      if (!isDone) throw refuse(403, 'BALTO_PASSWORD_WRONG', 'A senha atual não está certa.', 'current');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/me/confirm',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'Diz a própria senha de novo nesta sessão; por 5 minutos, vale para o que a pede (baixar uma cópia)',
      tags,
      body: strict({ password: Type.String({ minLength: 1, maxLength: 1024 }) }),
      response: { ...NO_CONTENT, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { userId } = principalOf(request);
      const token = sessionToken(request) ?? '';
      const isRight = await passwordChecks.run(`user:${userId}`, request.ip, () =>
        admin.confirm(token, userId, request.body.password),
      );
      if (!isRight) throw refuse(403, 'BALTO_PASSWORD_WRONG', 'A senha não está certa.', 'password');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/me/sessions',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'As próprias sessões abertas',
      tags,
      response: { 200: Type.Object({ items: Type.Array(Session) }), ...PROBLEMS },
    },
    handler: async (request) => {
      const sessions = await admin.sessionsOf(principalOf(request).userId, sessionToken(request) ?? '');
      const items = sessions.map(({ createdAt, seenAt, ...rest }) => ({
        ...rest,
        createdAt: createdAt.toISOString(),
        seenAt: seenAt.toISOString(),
      }));
      return { items };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/v1/me/sessions/:id',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'Encerra uma das próprias sessões; `outras` encerra todas menos esta',
      tags,
      params: Type.Object({ id: Type.String({ pattern: '^([0-9a-f]{16}|outras)$' }) }),
      response: { ...NO_CONTENT, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { userId, actor } = principalOf(request);
      const { id } = request.params;
      const token = sessionToken(request) ?? '';
      if (id === 'outras') await admin.revokeOthers(userId, token);
      else if (!(await admin.revokeById(userId, id)))
        throw refuse(404, 'BALTO_SESSION_UNKNOWN', 'Sessão não encontrada.');
      await options.audit.append({ actor, action: 'session.end', target: `session:${id}`, address: request.ip });
      if ((await admin.session(token)) === null) clearSessionCookie(request, reply);
      return reply.code(204).send(null);
    },
  });
};
