import fp from 'fastify-plugin';
import { rnnoiseProvider, vendor } from './cleaner.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [rnnoiseProvider]);
  },
  { name: 'balto-rnnoise', fastify: '5.x' },
);
