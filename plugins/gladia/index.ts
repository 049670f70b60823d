import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { gladiaStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [gladiaStt]);
  },
  { name: 'balto-gladia', fastify: '5.x' },
);
