import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { sherpaSpeaker } from './speaker.ts';
import { sherpaStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [sherpaStt, sherpaSpeaker]);
  },
  { name: 'balto-sherpa', fastify: '5.x' },
);
