import fp from 'fastify-plugin';
import {
  compatibleEmbeddings,
  compatibleLlm,
  compatibleStt,
  compatibleVendor,
  groqLlm,
  groqStt,
  groqVendor,
  ollamaEmbeddings,
  ollamaLlm,
  ollamaVendor,
} from './presets.ts';

export default fp(
  async (app) => {
    app.balto.register(groqVendor, [groqLlm, groqStt]);
    app.balto.register(ollamaVendor, [ollamaLlm, ollamaEmbeddings]);
    app.balto.register(compatibleVendor, [compatibleLlm, compatibleStt, compatibleEmbeddings]);
  },
  { name: 'balto-compatible', fastify: '5.x' },
);
