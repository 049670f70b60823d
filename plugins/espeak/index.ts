import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { espeakTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [espeakTts]);
  },
  { name: 'balto-espeak', fastify: '5.x' },
);
