import fp from 'fastify-plugin';
import { acmeVad } from './vad.ts';
import { vendor } from './vad-config.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [acmeVad]);
  },
  { name: 'balto-acme', fastify: '5.x' },
);
