import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiStt } from '../../plugins/openai/stt.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit proves stt/openai, whatever the model', async (test) => {
  const reports = [];
  for (const model of ['gpt-transcribe', 'gpt-live-transcribe', 'gpt-4o-transcribe', 'whisper-1']) {
    const report = await proveStt({
      vendor,
      provider: openAiStt,
      start: startOpenAi,
      settings: { model },
      settingsFor: (emulator) => ({ baseUrl: `${emulator.url}/v1` }),
      retired: { model: 'gpt-4o', current: 'gpt-6-luna' },
    });
    reports.push(report);
  }
  await heldToLabel(test, 'openai', reports);
});
