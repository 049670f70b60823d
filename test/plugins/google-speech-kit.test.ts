import t from 'tap';
import { proveStt, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/google-speech/config.ts';
import { googleSpeechStt } from '../../plugins/google-speech/stt.ts';
import { googleSpeechTts } from '../../plugins/google-speech/tts.ts';
import { startGoogleSpeech } from '../emulators/google-speech.ts';

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

for (const { address, results } of [stt, tts]) {
  for (const { id, outcome, detail, title } of results) {
    t.not(outcome, 'failed', `${address} ${id}: ${detail ?? title}`);
  }
}
