import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fp from 'fastify-plugin';
import { adminCounters } from './admin-counters.ts';
import { adminLogin } from './admin-login.ts';
import { cadastro } from './cadastro.ts';
import { data } from './data.ts';
import { reports } from './export/routes.ts';
import { health } from './health.ts';
import { identifyCallers } from './identify.ts';
import { invitations } from './invitations.ts';
import type { HttpOptions } from './options.ts';
import { PasswordChecks } from './password-checks.ts';
import { installProblems, refuse } from './problem.ts';
import { installRequestLimits } from './request-limits.ts';
import { trialRoutes } from './trial-routes.ts';
import { v1 } from './v1/plugin.ts';

/** Half a year; not for other names of the owner's domain, which are none of our business. */
const HSTS = { maxAge: 15_552_000, includeSubDomains: false };

/** The REST doors. Register it after the plugins: what documents routes must be there before them. */
export default fp<HttpOptions>(
  async (app, options) => {
    installProblems(app);
    app.access.identifyBy(identifyCallers(options));
    const doors = { ...options, passwordChecks: new PasswordChecks(options.logins, options.clock) };
    await app.register(helmet, {
      hsts: HSTS,
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
      },
    });
    await app.register(rateLimit, {
      global: false,
      errorResponseBuilder: () => refuse(429, 'BALTO_HTTP_TOO_MANY', 'Pedidos demais; tente de novo em instantes.'),
    });
    app.addHook('onResponse', async (request, reply) => {
      const { method, routeOptions } = request;
      const done = { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) };
      request.log.debug(done, 'request');
    });
    installRequestLimits(app, options.requestLimits);
    await app.register(cadastro, options);
    await app.register(adminLogin, doors);
    await app.register(invitations, doors);
    await app.register(data, options);
    await app.register(reports, options);
    await app.register(trialRoutes, options);
    await app.register(adminCounters, options);
    await app.register(v1, doors);
    await app.register(health, options);
  },
  { name: 'balto-http', fastify: '5.x', dependencies: ['balto-access'] },
);
