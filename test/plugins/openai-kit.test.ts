import t, { type Test } from 'tap';
import { type Emulator, type KitReport, proveEmbeddings, proveLlm, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiEmbeddings } from '../../plugins/openai/embeddings.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { openAiTts } from '../../plugins/openai/tts.ts';
import { startOpenAi } from '../emulators/openai.ts';

const loopback = {
  vendor,
  start: startOpenAi,
  settingsFor: ({ url }: Emulator) => ({ baseUrl: `${url}/v1` }),
};

t.test('the kit is content with llm/openai', async (test) => {
  const retired = { model: 'gpt-4o', current: 'gpt-' };
  allPassed(test, await proveLlm({ ...loopback, provider: openAiLlm, retired }));
});

t.test('the kit is content with tts/openai', async (test) => {
  allPassed(test, await proveTts({ ...loopback, provider: openAiTts, voice: 'nova' }), ['probe-retired']);
});

t.test('the kit is content with embeddings/openai', async (test) => {
  allPassed(test, await proveEmbeddings({ ...loopback, provider: openAiEmbeddings }), ['probe-retired']);
});

function allPassed(test: Test, { results }: KitReport, exempt: string[] = []): void {
  for (const { id, outcome, detail } of results) {
    test.equal(outcome, exempt.includes(id) ? 'exempt' : 'passed', `${id}: ${detail}`);
  }
}
