import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { assemblyAiStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [assemblyAiStt]);
  },
  { name: 'balto-assemblyai', fastify: '5.x' },
);
