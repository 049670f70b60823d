import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { openAiLlm } from './llm.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [openAiLlm]);
  },
  { name: 'balto-openai', fastify: '5.x' },
);
