import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { elevenLabsStt } from './stt.ts';
import { elevenLabsTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [elevenLabsStt, elevenLabsTts]);
  },
  { name: 'balto-elevenlabs', fastify: '5.x' },
);
