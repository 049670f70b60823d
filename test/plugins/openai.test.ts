import t from 'tap';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, SENTENCE, sentBody } from '../helpers/llm.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';

const openAi: ChatVendor = { vendor, provider: openAiLlm, start: startOpenAi };

t.test('answers in the schema it was asked for, with usage by price', async (test) => {
  const answer = { itens: ['Dipirona 500 mg'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, openAi, { respond: () => answer });
  const result = await llm.complete(QUESTION, live());
  test.same(JSON.parse(result.text), answer);
  test.match(result, { finish: 'stop', model: 'gpt-6-luna', requestId: /^req-/ });
  test.same(
    result.usage.map(({ unit, of }) => `${unit} ${of}`),
    ['token text_in', 'token text_out'],
  );
  test.equal(emulator.requests.length, 1);
});

t.test('sends a strict schema, no thinking, nothing to be stored', async (test) => {
  const { emulator, llm } = await arrangeChat(test, openAi);
  await llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  const body = sentBody(emulator);
  test.match(body, {
    model: 'gpt-6-luna',
    store: false,
    reasoning_effort: 'none',
    temperature: 0.2,
    max_completion_tokens: 200,
    response_format: { type: 'json_schema', json_schema: { name: 'recomendacao', strict: true } },
  });
  test.equal(body['max_tokens'], undefined);
});

t.test('leaves out what a model or a compatible server may refuse', async (test) => {
  const thinking = await arrangeChat(test, openAi, { settings: { reasoningEffort: 'low' } });
  await thinking.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.match(sentBody(thinking.emulator), { reasoning_effort: 'low', temperature: undefined });

  const older = await arrangeChat(test, openAi, { settings: { model: 'gpt-4o-mini' } });
  await older.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.match(sentBody(older.emulator), { reasoning_effort: undefined, store: undefined, temperature: 0.2 });
  const { capabilities } = openAiLlm;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the settings');
  test.equal(capabilities({ reasoningEffort: 'low' }).temperature, false);
  test.equal(capabilities({}).temperature, true);
});

t.test('cached tokens are billed apart', async (test) => {
  const { llm } = await arrangeChat(test, openAi);
  const long = { messages: [{ role: 'user' as const, content: 'x'.repeat(8000) }] };
  const { usage } = await llm.complete(long, live());
  const of = (name: string) => usage.find((each) => each.of === name)?.quantity ?? 0;
  test.ok(of('text_in_cached') > 400);
  test.equal(of('text_in') + of('text_in_cached'), Math.ceil(JSON.stringify(long.messages).length / 4));
});

t.test('says how the model stopped: cut short, filtered, declined, or to call a tool', async (test) => {
  const { emulator, llm } = await arrangeChat(test, openAi);
  await emulator.setFault({ kind: 'finish', finish: 'length' });
  test.equal((await llm.complete(QUESTION, live())).finish, 'length');
  await emulator.setFault({ kind: 'finish', finish: 'content_filter' });
  test.equal((await llm.complete(QUESTION, live())).finish, 'filter');
  await emulator.setFault({ kind: 'refusal' });
  test.equal((await llm.complete(QUESTION, live())).finish, 'refusal');
  test.match((await collect(llm.stream?.(QUESTION, live()))).at(-1), { result: { finish: 'refusal' } });

  const toolCalls = [{ name: 'buscar', arguments: '{"nome":"dipirona"}' }];
  const calling = await arrangeChat(test, openAi, { respond: () => ({ toolCalls }) });
  const expected = { finish: 'tool', toolCalls: [{ id: 'call-0', ...toolCalls[0] }] };
  test.match(await calling.llm.complete(QUESTION, live()), expected);
  test.match((await collect(calling.llm.stream?.(QUESTION, live()))).at(-1), { result: expected });
});

t.test('an answer without text is an output error: another candidate may do', async (test) => {
  const { llm } = await arrangeChat(test, openAi, { respond: () => '' });
  test.match(await failureOf(test, llm.complete(QUESTION, live())), { code: 'output', blame: 'vendor' });
});

t.test('streams: deltas that add up to the result, with usage', async (test) => {
  const answer = { itens: ['Dipirona 500 mg', 'Paracetamol'], motivo: 'dor de cabeça' };
  const { llm } = await arrangeChat(test, openAi, { respond: () => answer });
  const events = await collect(llm.stream?.(QUESTION, live()));
  const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
  test.ok(deltas.length > 3);
  test.same(JSON.parse(deltas.join('')), answer);
  const last = events.at(-1);
  if (last?.type !== 'result') return test.fail('no result at the end');
  test.equal(last.result.text, deltas.join(''));
  test.equal(last.result.usage.length, 2);
});

faultTests(t, openAi, [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', vendorCode: 'invalid_api_key', retryable: false }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'insufficient_quota', retryable: false }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000, retryable: true },
  ],
  [
    { kind: 'status', status: 429, headers: { 'retry-after-ms': '150' }, body: '{}' },
    { code: 'rate_limited', retryAfterMs: 150 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true, requestId: /^req-/ }],
  [{ kind: 'status', status: 503, body: '<html>' }, { code: 'server' }],
  [
    { kind: 'status', status: 404, body: '{"error":{"code":"model_not_found"}}' },
    { code: 'invalid_request', blame: 'config' },
  ],
  [{ kind: 'status', status: 400, body: '{"error":{"code":"content_filter"}}' }, { code: 'output' }],
  [
    { kind: 'status', status: 400, body: `{"error":{"message":"key ${EMULATOR_KEY} has no access"}}` },
    { code: 'invalid_request', vendorMessage: 'key *** has no access' },
  ],
  [
    { kind: 'status', status: 401, body: `{"error":{"message":"Incorrect API key: ${EMULATOR_KEY.slice(0, 9)}***"}}` },
    { code: 'auth', vendorMessage: undefined },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset', afterBytes: 5 }, { code: 'connection' }],
  [{ kind: 'malformed' }, {}],
  [
    { kind: 'huge', bytes: 3_000_000 },
    { code: 'protocol', message: /maior que/ },
  ],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
]);

t.test('JSON of another shape, or none, is a protocol error', async (test) => {
  const { emulator, llm } = await arrangeChat(test, openAi);
  for (const kind of ['wrong_shape', 'malformed'] as const) {
    await emulator.setFault({ kind });
    test.equal((await failureOf(test, llm.complete(QUESTION, live()))).code, 'protocol');
  }
});

t.test('an error inside an accepted stream, and a stream cut short, are failures of the vendor', async (test) => {
  const { emulator, log, llm } = await arrangeChat(test, openAi, { respond: () => SENTENCE.repeat(10) });
  await emulator.setFault({ kind: 'error_frame' });
  const inside = await failureOf(test, collect(llm.stream?.(QUESTION, live())));
  test.match(inside, { code: 'server', vendorCode: 'server_error' });
  await emulator.setFault({ kind: 'reset', afterBytes: 400 });
  const cut = await failureOf(test, collect(llm.stream?.(QUESTION, live())));
  test.match(cut, { code: 'connection', retryable: true });
  for (const error of [inside, cut]) noLeak(test, error, log, [SENTENCE]);
});

t.test('an abort ends a silent request and a dripping stream, as aborted', async (test) => {
  const { emulator, llm } = await arrangeChat(test, openAi);
  for (const [fault, call] of [
    [{ kind: 'silence' }, (signal: AbortSignal) => llm.complete(QUESTION, signal)],
    [{ kind: 'drip', everyMs: 5 }, (signal: AbortSignal) => collect(llm.stream?.(QUESTION, signal))],
  ] as const) {
    await emulator.setFault(fault);
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const failing = failureOf(test, call(abort.signal));
    await asked;
    abort.abort();
    test.match(await failing, { code: 'aborted', blame: 'caller' });
  }
});

t.test('probe asks for the models only; a wrong key is refused', async (test) => {
  const right = await arrangeChat(test, openAi);
  await right.probe();
  test.equal(right.emulator.requests[0]?.path, '/v1/models');
  const wrong = await arrangeChat(test, openAi, { apiKey: 'chave-errada' });
  const error = await failureOf(test, wrong.probe());
  test.equal(error.code, 'auth');
  noLeak(test, error, wrong.log, ['chave-errada']);
});

t.test('probe refuses a retired model and names the nearest one', async (test) => {
  const { emulator, probe } = await arrangeChat(test, openAi, { settings: { model: 'gpt-4o' } });
  const error = await failureOf(test, probe());
  test.match(error, { code: 'invalid_request', blame: 'config', retryable: false, message: /«gpt-4o».*«gpt-6-luna»/ });
  test.equal(emulator.requests.length, 0);
});

t.test('the environment of the process adds nothing to a request', async (test) => {
  process.env['OPENAI_ORG_ID'] = 'org-alheia';
  process.env['OPENAI_BASE_URL'] = 'http://127.0.0.1:1/v1';
  test.teardown(() => {
    delete process.env['OPENAI_ORG_ID'];
    delete process.env['OPENAI_BASE_URL'];
  });
  const { emulator, llm } = await arrangeChat(test, openAi);
  await llm.complete(QUESTION, live());
  test.equal(emulator.requests[0]?.headers['openai-organization'], undefined);
});
