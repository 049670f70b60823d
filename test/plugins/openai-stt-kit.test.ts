import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiStt } from '../../plugins/openai/stt.ts';
import { startOpenAi } from '../emulators/openai.ts';

for (const model of ['gpt-transcribe', 'gpt-live-transcribe', 'gpt-4o-transcribe', 'whisper-1']) {
  t.test(`the kit proves stt/openai:${model}`, async (test) => {
    const report = await proveStt({
      vendor,
      provider: openAiStt,
      start: startOpenAi,
      settings: { model },
      settingsFor: (emulator) => ({ baseUrl: `${emulator.url}/v1` }),
      retired: { model: 'gpt-4o', current: 'gpt-6-luna' },
    });
    for (const { id, outcome, detail, title } of report.results)
      test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
  });
}
