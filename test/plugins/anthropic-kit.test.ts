import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/anthropic/config.ts';
import { anthropicLlm } from '../../plugins/anthropic/llm.ts';
import { startAnthropic } from '../emulators/anthropic.ts';
import { heldToLabel } from '../helpers/quality.ts';

const subject = {
  vendor,
  provider: anthropicLlm,
  start: startAnthropic,
  retired: { model: 'claude-3-5-haiku-latest', current: 'claude-haiku-5-5' },
  exempt: { 'finish-filter': 'the vendor says refusal also where its own classifiers stopped the model' },
};

t.test('llm/anthropic', async (test) => {
  await heldToLabel(test, 'anthropic', await proveLlm(subject));
});
