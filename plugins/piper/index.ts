import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { piperTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [piperTts]);
  },
  { name: 'balto-piper', fastify: '5.x' },
);
