import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/xai/config.ts';
import { xaiLlm } from '../../plugins/xai/llm.ts';
import { startXai } from '../emulators/index.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit is content with llm/xai', async (test) => {
  const report = await proveLlm({
    vendor,
    provider: xaiLlm,
    start: startXai,
    settingsFor: ({ url }) => ({ baseUrl: `${url}/v1` }),
    retired: { model: 'grok-beta', current: 'grok-4' },
  });
  await heldToLabel(test, 'xai', report);
});
