import t from 'tap';
import { groqLlm, groqVendor, ollamaLlm, ollamaVendor } from '../../plugins/compatible/presets.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { vendor as xaiVendor } from '../../plugins/xai/config.ts';
import { xaiLlm } from '../../plugins/xai/llm.ts';
import { startGroq, startOllama, startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { startXai } from '../emulators/xai.ts';
import { arrangeChat, collect, QUESTION, sentBody } from '../helpers/llm.ts';
import { live } from '../helpers/provider.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';

const SCHEMAS = '#/components/schemas';

const TOOLS = [{ name: 'buscar', description: 'Busca um produto', parameters: { type: 'object', properties: {} } }];

async function post(emulator: Emulator, body: unknown): Promise<Response> {
  return fetch(`${emulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${EMULATOR_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

t.test('chat, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('openai/openapi.json');
  const request = spec.at(`${SCHEMAS}/CreateChatCompletionRequest`);

  suite.test('the validator tells a wrong request from a right one', async (test) => {
    const right = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'oi' }] };
    test.same(faultsOf(request, right), []);
    test.not(faultsOf(request, { ...right, messages: 'oi' }).length, 0);
    test.not(faultsOf(request, { ...right, temperature: 9 }).length, 0);
  });

  suite.test('what the plugins send', async (test) => {
    for (const kind of [
      { vendor, provider: openAiLlm, start: startOpenAi },
      { vendor: xaiVendor, provider: xaiLlm, start: startXai },
      { vendor: groqVendor, provider: groqLlm, start: startGroq, basePath: '/openai/v1' },
      { vendor: ollamaVendor, provider: ollamaLlm, start: startOllama },
    ]) {
      const whole = await arrangeChat(test, kind);
      await whole.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
      test.same(faultsOf(request, sentBody(whole.emulator)), []);
      const streamed = await arrangeChat(test, kind);
      await collect(streamed.llm.stream?.({ ...QUESTION, tools: TOOLS }, live()));
      test.same(faultsOf(request, sentBody(streamed.emulator)), []);
      const conversation = await arrangeChat(test, kind);
      const call = { id: 'call-0', name: 'buscar', arguments: '{}' };
      const messages = [
        ...QUESTION.messages,
        { role: 'assistant' as const, content: '', toolCalls: [call] },
        { role: 'tool' as const, content: '[]', toolCallId: 'call-0' },
      ];
      await conversation.llm.complete({ messages }, live());
      test.same(faultsOf(request, sentBody(conversation.emulator)), []);
    }
  });

  suite.test('what the emulator answers', async (test) => {
    const calls = [{ name: 'buscar', arguments: '{}' }];
    const emulator = await startOpenAi({ respond: (chat) => (chat.tools ? { toolCalls: calls } : 'sim') });
    test.teardown(() => emulator.close());
    const body = { model: 'gpt-6-luna', messages: QUESTION.messages };
    const response = spec.at(`${SCHEMAS}/CreateChatCompletionResponse`);
    const chunk = spec.at(`${SCHEMAS}/CreateChatCompletionStreamResponse`);
    for (const asked of [body, { ...body, tools: TOOLS }]) {
      test.same(faultsOf(response, await (await post(emulator, asked)).json()), []);
      const streaming = await post(emulator, { ...asked, stream: true, stream_options: { include_usage: true } });
      const events = (await streaming.text()).split('\n\n').flatMap((text) => text.match(/^data: (\{.*)$/s)?.[1] ?? []);
      test.ok(events.length >= 3);
      for (const event of events) test.same(faultsOf(chunk, JSON.parse(event)), []);
    }
    await emulator.setFault({ kind: 'quota' });
    test.same(faultsOf(spec.at(`${SCHEMAS}/ErrorResponse`), await (await post(emulator, body)).json()), []);
    await emulator.setFault(null);
    const models = await fetch(`${emulator.url}/v1/models`, { headers: { authorization: `Bearer ${EMULATOR_KEY}` } });
    test.same(faultsOf(spec.at(`${SCHEMAS}/ListModelsResponse`), await models.json()), []);
  });
});
