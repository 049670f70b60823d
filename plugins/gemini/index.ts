import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { geminiLlm } from './llm.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [geminiLlm]);
  },
  { name: 'balto-gemini', fastify: '5.x' },
);
