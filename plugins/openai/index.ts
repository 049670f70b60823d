import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { openAiEmbeddings } from './embeddings.ts';
import { openAiLlm } from './llm.ts';
import { openAiStt } from './stt.ts';
import { openAiTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [openAiLlm, openAiStt, openAiEmbeddings, openAiTts]);
  },
  { name: 'balto-openai', fastify: '5.x' },
);
