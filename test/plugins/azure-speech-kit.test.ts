import t from 'tap';
import { proveStt, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/azure-speech/config.ts';
import { azureSpeechStt } from '../../plugins/azure-speech/stt.ts';
import { azureSpeechTts } from '../../plugins/azure-speech/tts.ts';
import { startAzureSpeech } from '../emulators/azure-speech.ts';
import { heldToLabel } from '../helpers/quality.ts';

const stt = await proveStt({ vendor, provider: azureSpeechStt, start: startAzureSpeech });
const tts = await proveTts({
  vendor,
  provider: azureSpeechTts,
  start: startAzureSpeech,
  voice: 'pt-BR-AntonioNeural',
  retired: { model: 'pt-BR-Daniel', current: 'pt-BR-AntonioNeural' },
});

await heldToLabel(t, 'azure-speech', stt);
await heldToLabel(t, 'azure-speech', tts);
