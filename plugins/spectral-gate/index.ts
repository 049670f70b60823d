import fp from 'fastify-plugin';
import { spectralGateProvider, vendor } from './cleaner.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [spectralGateProvider]);
  },
  { name: 'balto-spectral-gate', fastify: '5.x' },
);
