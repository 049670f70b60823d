import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { DoorOptions } from '../options.ts';
import { audit } from './audit.ts';
import { clients } from './clients.ts';
import { counters } from './counters.ts';
import { credentials } from './credentials.ts';
import { drafts } from './drafts.ts';
import { installIdempotency } from './idempotency.ts';
import { me } from './me.ts';
import { providerSettings } from './provider-settings.ts';
import { providers } from './providers.ts';
import { sessions } from './sessions.ts';
import { tokens } from './tokens.ts';
import { userAccess } from './user-access.ts';
import { users } from './users.ts';
import { installValidation } from './validation.ts';
import { versions } from './versions.ts';

/** Everything under `/api/v1`: what is registered here shares its conventions. */
export const v1: FastifyPluginAsyncTypebox<DoorOptions> = async (app, options) => {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  installValidation(app);
  installIdempotency(app, options.idempotency);
  await app.register(clients, options);
  await app.register(counters, options);
  await app.register(users, options);
  await app.register(userAccess, options);
  await app.register(me, options);
  await app.register(tokens, options);
  await app.register(audit, options);
  await app.register(sessions, options);
  await app.register(providers, options);
  await app.register(providerSettings, options);
  await app.register(credentials, options);
  await app.register(drafts, options);
  await app.register(versions, options);
};
