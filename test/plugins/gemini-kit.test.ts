import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/gemini/config.ts';
import { geminiLlm } from '../../plugins/gemini/llm.ts';
import { startGemini } from '../emulators/gemini.ts';
import type { Emulator } from '../emulators/server.ts';

const subject = {
  vendor,
  provider: geminiLlm,
  start: startGemini,
  settingsFor: ({ url }: Emulator) => ({ baseUrl: `${url}/v1beta` }),
  retired: { model: 'gemini-1.5-flash', current: 'gemini-3.5-flash-lite' },
};

t.test('llm/gemini', async (test) => {
  const { results } = await proveLlm(subject);
  for (const { id, title, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
});
