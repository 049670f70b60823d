import fp from 'fastify-plugin';
import { vendor, webrtcProvider } from './vad.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [webrtcProvider]);
  },
  { name: 'balto-webrtc', fastify: '5.x' },
);
