import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { anthropicLlm } from './llm.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [anthropicLlm]);
  },
  { name: 'balto-anthropic', fastify: '5.x' },
);
