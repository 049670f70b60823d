import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { azureSpeechStt } from './stt.ts';
import { azureSpeechTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [azureSpeechStt, azureSpeechTts]);
  },
  { name: 'balto-azure-speech', fastify: '5.x' },
);
