import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/gemini/config.ts';
import { geminiLlm } from '../../plugins/gemini/llm.ts';
import { startGemini } from '../emulators/gemini.ts';
import type { Emulator } from '../emulators/server.ts';
import { heldToLabel } from '../helpers/quality.ts';

const subject = {
  vendor,
  provider: geminiLlm,
  start: startGemini,
  settingsFor: ({ url }: Emulator) => ({ baseUrl: `${url}/v1beta` }),
  retired: { model: 'gemini-1.5-flash', current: 'gemini-3.5-flash-lite' },
};

t.test('llm/gemini', async (test) => {
  await heldToLabel(test, 'gemini', await proveLlm(subject));
});
