import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { deepgramStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [deepgramStt]);
  },
  { name: 'balto-deepgram', fastify: '5.x' },
);
