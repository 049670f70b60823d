import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { xaiLlm } from './llm.ts';
import { xaiStt } from './stt.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [xaiLlm, xaiStt]);
  },
  { name: 'balto-xai', fastify: '5.x' },
);
