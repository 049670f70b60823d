import fp from 'fastify-plugin';
import { vendor } from './config.ts';
import { googleSpeechStt } from './stt.ts';
import { googleSpeechTts } from './tts.ts';

export default fp(
  async (app) => {
    app.balto.register(vendor, [googleSpeechStt, googleSpeechTts]);
  },
  { name: 'balto-google-speech', fastify: '5.x' },
);
