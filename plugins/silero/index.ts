import fp from 'fastify-plugin';
import { sileroProvider, vendor } from './vad.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [sileroProvider()]);
  },
  { name: 'balto-silero', fastify: '5.x' },
);
