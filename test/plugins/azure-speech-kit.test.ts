import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/azure-speech/config.ts';
import { azureSpeechStt } from '../../plugins/azure-speech/stt.ts';
import { startAzureSpeech } from '../emulators/azure-speech.ts';

const { results } = await proveStt({ vendor, provider: azureSpeechStt, start: startAzureSpeech });
for (const { id, outcome, detail, title } of results) t.not(outcome, 'failed', `${id}: ${detail ?? title}`);
