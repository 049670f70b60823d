import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { startOpenAi } from '../emulators/openai.ts';

t.test('the kit is content with llm/openai', async (test) => {
  const { results } = await proveLlm({
    vendor,
    provider: openAiLlm,
    start: startOpenAi,
    settingsFor: ({ url }) => ({ baseUrl: `${url}/v1` }),
    retired: { model: 'gpt-4o', current: 'gpt-' },
  });
  for (const { id, outcome, detail } of results) test.equal(outcome, 'passed', `${id}: ${detail}`);
});
