import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { acmeStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [acmeStt]);
  },
  { name: 'balto-acme', fastify: '5.x' },
);
