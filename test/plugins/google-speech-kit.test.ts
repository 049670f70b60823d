import t from 'tap';
import { proveStt, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/google-speech/config.ts';
import { googleSpeechStt } from '../../plugins/google-speech/stt.ts';
import { googleSpeechTts } from '../../plugins/google-speech/tts.ts';
import { startGoogleSpeech } from '../emulators/google-speech.ts';
import { heldToLabel } from '../helpers/quality.ts';

const stt = await proveStt({
  vendor,
  provider: googleSpeechStt,
  start: startGoogleSpeech,
  exempt: { 'transcribe-usage': 'the vendor tells what it billed, in steps of 15 s, and that is what is reported' },
});
const tts = await proveTts({
  vendor,
  provider: googleSpeechTts,
  start: startGoogleSpeech,
  voice: 'pt-BR-Wavenet-A',
});

await heldToLabel(t, 'google-speech', stt);
await heldToLabel(t, 'google-speech', tts);
