import t from 'tap';
import { proveLlm } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/azure-openai/config.ts';
import { azureOpenAiLlm } from '../../plugins/azure-openai/llm.ts';
import { startAzureOpenAi } from '../emulators/azure-openai.ts';
import { heldToLabel } from '../helpers/quality.ts';

const subject = {
  vendor,
  provider: azureOpenAiLlm,
  start: startAzureOpenAi,
  exempt: { 'probe-retired': 'the model is a deployment, which its owner may call anything' },
};

t.test('llm/azure-openai', async (test) => {
  await heldToLabel(test, 'azure-openai', await proveLlm(subject));
});
