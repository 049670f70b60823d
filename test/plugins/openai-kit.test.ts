import t from 'tap';
import { type Emulator, proveEmbeddings, proveLlm, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiEmbeddings } from '../../plugins/openai/embeddings.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { openAiTts } from '../../plugins/openai/tts.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { heldToLabel } from '../helpers/quality.ts';

const loopback = {
  vendor,
  start: startOpenAi,
  settingsFor: ({ url }: Emulator) => ({ baseUrl: `${url}/v1` }),
};

t.test('the kit is content with llm/openai', async (test) => {
  const retired = { model: 'gpt-4o', current: 'gpt-' };
  await heldToLabel(test, 'openai', await proveLlm({ ...loopback, provider: openAiLlm, retired }));
});

t.test('the kit is content with tts/openai', async (test) => {
  await heldToLabel(test, 'openai', await proveTts({ ...loopback, provider: openAiTts, voice: 'nova' }));
});

t.test('the kit is content with embeddings/openai', async (test) => {
  await heldToLabel(test, 'openai', await proveEmbeddings({ ...loopback, provider: openAiEmbeddings }));
});
