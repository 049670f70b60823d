import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { elevenLabsStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [elevenLabsStt]);
  },
  { name: 'balto-elevenlabs', fastify: '5.x' },
);
