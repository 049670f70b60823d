import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/xai/config.ts';
import { xaiLlm } from '../../plugins/xai/llm.ts';
import { startXai } from '../emulators/index.ts';

const SENTENCE_ONLY = 'the SDK keeps only the sentence of this vendor’s errors, not the code beside it';

t.test('the kit is content with llm/xai', async (test) => {
  const { results } = await proveLlm({
    vendor,
    provider: xaiLlm,
    start: startXai,
    settingsFor: ({ url }) => ({ baseUrl: `${url}/v1` }),
    retired: { model: 'grok-beta', current: 'grok-4' },
    exempt: { 'complete-vendor-code': SENTENCE_ONLY, 'stream-vendor-code': SENTENCE_ONLY },
  });
  for (const { id, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail}`);
});
