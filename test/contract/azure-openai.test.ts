import t from 'tap';
import { vendor } from '../../plugins/azure-openai/config.ts';
import { azureOpenAiLlm } from '../../plugins/azure-openai/llm.ts';
import { startAzureOpenAi } from '../emulators/azure-openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, QUESTION, sentBody } from '../helpers/llm.ts';
import { live } from '../helpers/provider.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';

const azure: ChatVendor = { vendor, provider: azureOpenAiLlm, start: startAzureOpenAi, basePath: '' };
const TOOLS = [{ name: 'buscar', description: 'Busca um produto', parameters: { type: 'object', properties: {} } }];

/** The v1 surface has OpenAI's own schemas, and what the content filter adds. */
t.test('the v1 surface, against OpenAI’s official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('openai/openapi.json');

  suite.test('what the plugin sends', async (test) => {
    const request = spec.at('#/components/schemas/CreateChatCompletionRequest');
    const whole = await arrangeChat(test, azure);
    await whole.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
    test.same(faultsOf(request, sentBody(whole.emulator)), []);
    const streamed = await arrangeChat(test, azure);
    await collect(streamed.llm.stream?.({ ...QUESTION, tools: TOOLS }, live()));
    test.same(faultsOf(request, sentBody(streamed.emulator)), []);
    const probed = await arrangeChat(test, azure);
    await probed.probe();
    test.same(faultsOf(request, sentBody(probed.emulator)), []);
  });

  suite.test('what the emulator answers', async (test) => {
    const emulator = await startAzureOpenAi({ respond: () => 'sim' });
    test.teardown(() => emulator.close());
    const post = async (more: object) =>
      fetch(`${emulator.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { 'api-key': EMULATOR_KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-5.4-mini', messages: QUESTION.messages, ...more }),
      });
    const response = spec.at('#/components/schemas/CreateChatCompletionResponse');
    test.same(faultsOf(response, await (await post({})).json()), []);
    const streaming = await (await post({ stream: true, stream_options: { include_usage: true } })).text();
    const events = streaming.split('\n\n').flatMap((text) => text.match(/^data: (\{.*)$/s)?.[1] ?? []);
    test.ok(events.length >= 4);
    const chunk = spec.at('#/components/schemas/CreateChatCompletionStreamResponse');
    // The first event is the filter's: its `object` is empty, as Azure documents it.
    for (const event of events.slice(1)) test.same(faultsOf(chunk, JSON.parse(event)), []);
  });
});
