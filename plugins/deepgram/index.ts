import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { deepgramStt } from './stt.ts';
import { deepgramTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [deepgramStt, deepgramTts]);
  },
  { name: 'balto-deepgram', fastify: '5.x' },
);
