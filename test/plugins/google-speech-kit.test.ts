import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/google-speech/config.ts';
import { googleSpeechStt } from '../../plugins/google-speech/stt.ts';
import { startGoogleSpeech } from '../emulators/google-speech.ts';

const { results } = await proveStt({
  vendor,
  provider: googleSpeechStt,
  start: startGoogleSpeech,
  exempt: { 'transcribe-usage': 'the vendor tells what it billed, in steps of 15 s, and that is what is reported' },
});
for (const { id, outcome, detail, title } of results) t.not(outcome, 'failed', `${id}: ${detail ?? title}`);
