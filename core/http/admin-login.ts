import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { acceptAnyJson } from './any-json.ts';
import { addressKey, FailureWindow } from './failure-window.ts';
import type { HttpOptions } from './options.ts';
import { PROBLEMS, refuse } from './problem.ts';
import { clearSessionCookie, refuseForeign, requireCookieName, sessionToken, setSessionCookie } from './session.ts';

const WRONG_PASSWORDS = { max: 10, windowMs: 600_000 };
/** Each check takes 32 MB and 80 ms of another thread. */
const CHECKS_AT_ONCE = 4;

const Done = Type.Object({ status: Type.Literal('ok'), success: Type.Literal(true) });

/** `POST /admin/login` and `/admin/logout`: sessions that the server made and can end. */
export const adminLogin: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { admin, audit, clock }) => {
  const failures = new FailureWindow(WRONG_PASSWORDS.max, WRONG_PASSWORDS.windowMs, clock);
  let checking = 0;
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
      const attempt = checking < CHECKS_AT_ONCE ? failures.begin(addressKey(request.ip)) : null;
      if (!attempt) throw refuse(429, 'BALTO_ADMIN_TOO_MANY', 'Tentativas demais; tente de novo mais tarde.');
      checking++;
      const { email, password } = request.body;
      const user = await admin.login(email ?? null, password).finally(() => checking--);
      const address = request.ip;
      if (!user) {
        await audit.append({ actor: 'anonymous', action: 'session.refuse', target: 'session', address });
        throw refuse(401, 'BALTO_ADMIN_PASSWORD', 'E-mail ou senha incorretos.');
      }
      attempt.forgive();
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
      security: [{ sessao: [] }],
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
