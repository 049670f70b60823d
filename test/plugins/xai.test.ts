import t from 'tap';
import { vendor } from '../../plugins/xai/config.ts';
import { xaiLlm } from '../../plugins/xai/llm.ts';
import { startXai } from '../emulators/xai.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, sentBody } from '../helpers/llm.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';

const xai: ChatVendor = { vendor, provider: xaiLlm, start: startXai };

t.test('answers in the schema it was asked for; what the model thought is billed as output', async (test) => {
  const answer = { itens: ['Dorflex'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, xai, { respond: () => answer });
  const result = await llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.same(JSON.parse(result.text), answer);
  test.match(result, { finish: 'stop', model: 'grok-4.3' });
  const spoken = Math.ceil((result.text.length + 4) / 4);
  test.equal(result.usage.find((each) => each.of === 'text_out')?.quantity, spoken + 50);
  const body = sentBody(emulator);
  test.match(body, { temperature: 0.2, response_format: { json_schema: { strict: true } } });
  test.equal(body['store'], undefined);
});

t.test('streams', async (test) => {
  const { llm } = await arrangeChat(test, xai, { respond: () => ({ itens: ['Dorflex'], motivo: 'dor' }) });
  test.match((await collect(llm.stream?.(QUESTION, live()))).at(-1), { type: 'result', result: { finish: 'stop' } });
});

faultTests(t, xai, [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false }],
  [{ kind: 'status', status: 401, body: '{"code":"x","error":"no"}' }, { code: 'auth' }],
  [{ kind: 'quota' }, { code: 'quota' }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000 },
  ],
  [{ kind: 'server_error' }, { code: 'server' }],
  [{ kind: 'status', status: 400, body: '{"code":"x","error":"Invalid argument"}' }, { code: 'invalid_request' }],
  [{ kind: 'refuse' }, { code: 'connection' }],
]);

t.test('a wrong key, which this vendor answers with 400, is an auth error', async (test) => {
  const { log, llm, probe } = await arrangeChat(test, xai, { apiKey: 'chave-errada' });
  for (const call of [probe, () => llm.complete(QUESTION, live())]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    test.equal(error.vendorMessage, undefined);
    noLeak(test, error, log, ['chave-errada']);
  }
});

t.test('probe refuses the names of the field that the vendor has retired', async (test) => {
  for (const model of ['grok-beta', 'Grok 3-mini', 'grok-4-0709']) {
    const { emulator, probe } = await arrangeChat(test, xai, { settings: { model } });
    test.match(await failureOf(test, probe()), { code: 'invalid_request', blame: 'config', message: /«grok-4.3»/ });
    test.equal(emulator.requests.length, 0);
  }
  const current = await arrangeChat(test, xai, { settings: { model: 'grok-4.7' } });
  await test.resolves(current.probe());
});
