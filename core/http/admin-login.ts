import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { acceptAnyJson } from './any-json.ts';
import type { DoorOptions } from './options.ts';
import { PROBLEMS, refuse } from './problem.ts';
import { clearSessionCookie, refuseForeign, requireCookieName, sessionToken, setSessionCookie } from './session.ts';

/** What no e-mail can be: the first owner's name where passwords are counted. */
const FIRST_OWNER = '(dono)';

const Done = Type.Object({ status: Type.Literal('ok'), success: Type.Literal(true) });

/** `POST /admin/login` and `/admin/logout`: sessions that the server made and can end. */
export const adminLogin: FastifyPluginAsyncTypebox<DoorOptions> = async (app, { admin, audit, passwordChecks }) => {
  acceptAnyJson(app);

  app.route({
    method: 'POST',
    url: '/admin/login',
    config: { access: { who: 'public' } },
    schema: {
      summary: 'Entra com a senha (do primeiro dono, ou de um usuário com e-mail) e recebe o cookie de sessão',
      tags: ['Administração'],
      body: Type.Object({
        password: Type.String({ minLength: 1, maxLength: 1024 }),
        email: Type.Optional(Type.String({ maxLength: 254 })),
      }),
      response: { 200: Done, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      requireCookieName(request);
      refuseForeign(request);
      const { email, password } = request.body;
      const check = () => admin.login(email ?? null, password);
      const user = await passwordChecks.run(email ?? FIRST_OWNER, request.ip, check);
      const address = request.ip;
      if (!user) {
        await audit.append({ actor: 'anonymous', action: 'session.refuse', target: 'session', address });
        throw refuse(401, 'BALTO_ADMIN_PASSWORD', 'E-mail ou senha incorretos.');
      }
      const { token } = await admin.createSession(user.id, address);
      await audit.append({ actor: `admin:${user.id}`, action: 'session.open', target: `admin:${user.id}`, address });
      setSessionCookie(request, reply, token);
      return reply.header('cache-control', 'no-store').send({ status: 'ok', success: true });
    },
  });

  app.route({
    method: 'POST',
    url: '/admin/logout',
    config: { access: { who: 'user' } },
    schema: {
      summary: 'Encerra a sessão',
      tags: ['Administração'],
      response: { 200: Done, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const token = sessionToken(request);
      if (token !== null) await admin.revoke(token);
      clearSessionCookie(request, reply);
      return { status: 'ok', success: true } as const;
    },
  });
};
