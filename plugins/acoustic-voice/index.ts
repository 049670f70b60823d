import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { acousticSpeaker } from './speaker.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [acousticSpeaker]);
  },
  { name: 'balto-acoustic-voice', fastify: '5.x' },
);
