import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { HttpOptions } from '../options.ts';
import { clients } from './clients.ts';
import { counters } from './counters.ts';
import { installIdempotency } from './idempotency.ts';
import { installValidation } from './validation.ts';

/** Everything under `/api/v1`: what is registered here shares its conventions. */
export const v1: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  installValidation(app);
  installIdempotency(app, options.idempotency);
  await app.register(clients, options);
  await app.register(counters, options);
};
