import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { azureOpenAiLlm } from './llm.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [azureOpenAiLlm]);
  },
  { name: 'balto-azure-openai', fastify: '5.x' },
);
