import t from 'tap';
import { vendor } from '../../plugins/anthropic/config.ts';
import { anthropicLlm } from '../../plugins/anthropic/llm.ts';
import { startAnthropic } from '../emulators/anthropic.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, SENTENCE, sentBody } from '../helpers/llm.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';

const anthropic: ChatVendor = { vendor, provider: anthropicLlm, start: startAnthropic };

const TOOLS = [{ name: 'buscar', description: 'Busca um produto', parameters: { properties: {} } }];

t.test('answers in the schema it was asked for, with usage by price', async (test) => {
  const answer = { itens: ['Dipirona 500 mg'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, anthropic, { respond: () => answer });
  const result = await llm.complete(QUESTION, live());
  test.same(JSON.parse(result.text), answer);
  test.match(result, { finish: 'stop', model: 'claude-haiku-5-5', requestId: /^req_/ });
  test.same(
    result.usage.map(({ unit, of }) => `${unit} ${of}`),
    ['token text_in', 'token text_out'],
  );
  test.equal(emulator.requests.length, 1);
});

t.test('sends a strict schema, the system apart, no thinking, no temperature', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic);
  await llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.strictSame(Object.keys(sentBody(emulator)).sort(), [
    'max_tokens',
    'messages',
    'model',
    'output_config',
    'stream',
    'system',
    'thinking',
  ]);
  test.match(sentBody(emulator), {
    model: 'claude-haiku-5-5',
    max_tokens: 200,
    system: 'Recomende.',
    messages: [{ role: 'user', content: [{ type: 'text', text: SENTENCE }] }],
    output_config: { format: { type: 'json_schema', schema: { additionalProperties: false } } },
    thinking: { type: 'disabled' },
  });
});

t.test('each family is kept from thinking its own way; an effort is passed on', async (test) => {
  for (const [model, effort, expected] of [
    ['claude-sonnet-5-5', 'none', { thinking: { type: 'between_tools' } }],
    ['claude-opus-5-5', 'none', { thinking: undefined, output_config: { effort: 'low' } }],
    ['claude-haiku-4-5', 'none', { thinking: { type: 'disabled' } }],
    ['claude-haiku-5-5', 'default', { thinking: undefined, output_config: { effort: undefined } }],
    ['claude-haiku-5-5', 'medium', { thinking: { type: 'adaptive' }, output_config: { effort: 'medium' } }],
  ] as const) {
    const { emulator, llm } = await arrangeChat(test, anthropic, { settings: { model, reasoningEffort: effort } });
    const result = await llm.complete(QUESTION, live());
    test.same(JSON.parse(result.text), { itens: [], motivo: 'texto' }, 'a block of thoughts is no answer');
    test.match(sentBody(emulator), expected, `${model} ${effort}`);
  }
});

t.test('bounds the vendor’s grammar cannot hold are left out of the schema', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic);
  const properties = { nota: { type: 'integer', minimum: 1, maximum: 5 } };
  const schema = { type: 'object', properties, required: ['nota'], additionalProperties: false };
  await llm.complete({ ...QUESTION, schema: { name: 'nota', schema } }, live());
  test.notMatch(JSON.stringify(sentBody(emulator)), '"minimum":');
  test.match(properties.nota, { minimum: 1 }, 'the caller’s schema is left as it was');
  const list = { name: 'lista', schema: { type: 'array', items: { type: 'string' } } };
  const error = await failureOf(test, llm.complete({ ...QUESTION, schema: list }, live()));
  test.match(error, { code: 'invalid_request', blame: 'core' });
});

t.test('cached tokens are billed apart, whole and streamed alike', async (test) => {
  const { llm } = await arrangeChat(test, anthropic, { respond: () => SENTENCE });
  const long = { messages: [{ role: 'user' as const, content: 'x'.repeat(8000) }] };
  const { usage } = await llm.complete(long, live());
  const of = (name: string) => usage.find((each) => each.of === name)?.quantity ?? 0;
  test.ok(of('text_in_cached') > 400);
  test.ok(of('text_in') > 2 * of('text_in_cached'), 'what is written into the cache is input');
  const last = (await collect(llm.stream?.(long, live()))).at(-1);
  test.match(last, { type: 'result', result: { usage } });
});

t.test('says how the model stopped: cut short, declined, or to call a tool', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic);
  await emulator.setFault({ kind: 'finish', finish: 'length' });
  test.equal((await llm.complete(QUESTION, live())).finish, 'length');
  await emulator.setFault({ kind: 'refusal' });
  test.equal((await llm.complete(QUESTION, live())).finish, 'refusal');
  test.match((await collect(llm.stream?.(QUESTION, live()))).at(-1), { result: { finish: 'refusal' } });

  const toolCalls = [
    { name: 'buscar', arguments: '{"nome":"dipirona"}' },
    { name: 'estoque', arguments: '{}' },
  ];
  const calling = await arrangeChat(test, anthropic, { respond: () => ({ toolCalls }) });
  const expected = {
    finish: 'tool',
    toolCalls: toolCalls.map((call, index) => ({ id: `toolu_${index}`, ...call })),
  };
  test.match(await calling.llm.complete({ ...QUESTION, tools: TOOLS }, live()), expected);
  const events = await collect(calling.llm.stream?.({ ...QUESTION, tools: TOOLS }, live()));
  test.match(events.at(-1), { result: expected });
  test.equal(events.filter((event) => event.type === 'toolCall').length, 2);
  test.match(sentBody(calling.emulator), { tools: [{ name: 'buscar', input_schema: { type: 'object' } }] });
});

t.test('a round of tools goes back as the API wants it, also when another vendor began it', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic);
  const call = (id: string) => ({ id, name: 'buscar', arguments: '{"nome":"dipirona"}' });
  await llm.complete(
    {
      messages: [
        { role: 'user', content: SENTENCE },
        { role: 'assistant', content: '', toolCalls: [call('call.0'), call('b')] },
        { role: 'tool', content: '[1]', toolCallId: 'call.0' },
        { role: 'tool', content: '[2]', toolCallId: 'b' },
      ],
    },
    live(),
  );
  test.match(sentBody(emulator)['messages'], [
    { role: 'user' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'call_0', input: { nome: 'dipirona' } }, { id: 'b' }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_0', content: '[1]' }, { tool_use_id: 'b' }] },
  ]);
});

t.test('an answer without text is an output error: another candidate may do', async (test) => {
  const { llm } = await arrangeChat(test, anthropic, { respond: () => '' });
  test.match(await failureOf(test, llm.complete(QUESTION, live())), { code: 'output', blame: 'vendor' });
});

t.test('streams: deltas that add up to the result; events of an unknown type pass', async (test) => {
  const answer = { itens: ['Dipirona 500 mg', 'Paracetamol'], motivo: 'dor de cabeça' };
  const { emulator, llm } = await arrangeChat(test, anthropic, { respond: () => answer });
  await emulator.setFault({ kind: 'unknown_messages' });
  const events = await collect(llm.stream?.(QUESTION, live()));
  const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
  test.ok(deltas.length > 3);
  test.same(JSON.parse(deltas.join('')), answer);
  test.match(events.at(-1), { type: 'result', result: { text: deltas.join(''), requestId: /^req_/ } });
});

const body = (type: string, message = '', details?: object) =>
  JSON.stringify({ type: 'error', error: { type, message, ...(details ? { details } : {}) }, request_id: 'req_corpo' });

faultTests(t, anthropic, [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', vendorCode: 'authentication_error', vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'billing_error', retryable: false }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000, retryable: true },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true, vendorCode: 'overloaded_error', requestId: /^req_/ }],
  [
    { kind: 'status', status: 429, body: body('rate_limit_error', '', { error_code: 'contract_spend_limit_reached' }) },
    { code: 'quota', vendorCode: 'contract_spend_limit_reached', retryable: false },
  ],
  [
    { kind: 'status', status: 400, body: body('invalid_request_error', 'Your credit balance is too low.') },
    { code: 'quota', requestId: 'req_corpo' },
  ],
  [
    { kind: 'status', status: 404, body: body('not_found_error', 'model: claude-x') },
    { code: 'invalid_request', blame: 'config' },
  ],
  [{ kind: 'status', status: 403, body: body('permission_error', 'no') }, { code: 'auth' }],
  [{ kind: 'status', status: 504, body: body('timeout_error') }, { code: 'timeout' }],
  [{ kind: 'status', status: 503, body: '<html>' }, { code: 'server' }],
  [
    { kind: 'status', status: 400, body: body('invalid_request_error', `key ${EMULATOR_KEY} has no access`) },
    { code: 'invalid_request', vendorMessage: 'key *** has no access' },
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
  const { emulator, llm } = await arrangeChat(test, anthropic);
  for (const kind of ['wrong_shape', 'malformed'] as const) {
    await emulator.setFault({ kind });
    test.equal((await failureOf(test, llm.complete(QUESTION, live()))).code, 'protocol');
  }
});

t.test('what breaks inside an accepted stream is one typed error, and nothing is printed', async (test) => {
  const printed: unknown[][] = [];
  const { error: original } = console;
  console.error = (...line) => void printed.push(line);
  test.teardown(() => {
    console.error = original;
  });
  const { emulator, log, llm } = await arrangeChat(test, anthropic, { respond: () => SENTENCE.repeat(10) });
  const start = 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9}}}\n\n';
  const half = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"text":"Oi"}}\n\n';
  const sse = { 'content-type': 'text/event-stream' };
  for (const [fault, expected] of [
    [{ kind: 'error_frame' }, { code: 'server', vendorCode: 'overloaded_error', retryable: true, requestId: /^req_/ }],
    [
      { kind: 'reset', afterBytes: 700 },
      { code: 'connection', retryable: true },
    ],
    [{ kind: 'malformed_frame' }, { code: 'protocol' }],
    [
      { kind: 'status', status: 200, headers: sse, body: start + half },
      { code: 'connection', message: /interrompida/ },
    ],
  ] as const) {
    await emulator.setFault(fault);
    const error = await failureOf(test, collect(llm.stream?.(QUESTION, live())));
    test.match(error, expected, fault.kind);
    noLeak(test, error, log, [SENTENCE, EMULATOR_KEY]);
  }
  test.equal(emulator.requests.length, 4);
  test.strictSame(printed, []);
});

t.test('an abort ends a silent request and a dripping stream, as aborted', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic);
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

t.test('a reader that has heard enough leaves no connection open', async (test) => {
  const { emulator, llm } = await arrangeChat(test, anthropic, { respond: () => SENTENCE.repeat(50) });
  await emulator.setFault({ kind: 'drip', everyMs: 1 });
  for await (const event of llm.stream?.(QUESTION, live()) ?? []) {
    test.equal(event.type, 'delta');
    break;
  }
  await emulator.idle();
});

t.test('probe asks about the model only; a wrong key and a retired model are refused', async (test) => {
  const right = await arrangeChat(test, anthropic);
  await right.probe();
  test.equal(right.emulator.requests[0]?.path, '/v1/models/claude-haiku-5-5');
  const wrong = await arrangeChat(test, anthropic, { apiKey: 'chave-errada' });
  const error = await failureOf(test, wrong.probe());
  test.equal(error.code, 'auth');
  noLeak(test, error, wrong.log, ['chave-errada']);
  const old = await arrangeChat(test, anthropic, { settings: { model: 'claude-3-5-haiku-latest' } });
  const retired = await failureOf(test, old.probe());
  test.match(retired, { code: 'invalid_request', blame: 'config', message: /claude-haiku-5-5/ });
  const late = await arrangeChat(test, anthropic, { settings: { model: 'claude-sonnet-4-5' } });
  const told = await failureOf(test, late.probe());
  test.match(told, { code: 'invalid_request', blame: 'config', message: /claude-sonnet-5-5/ }, 'the vendor says it');
  const unknown = await arrangeChat(test, anthropic, { settings: { model: 'claude-inexistente' } });
  test.match(await failureOf(test, unknown.probe()), { code: 'invalid_request', blame: 'config' });
});

t.test('the environment of the process adds nothing to a request', async (test) => {
  const names = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:1', ANTHROPIC_CUSTOM_HEADERS: 'authorization: x\nx-alheio: 1' };
  Object.assign(process.env, { ...names, ANTHROPIC_AUTH_TOKEN: 'token-alheio' });
  test.teardown(() => {
    for (const name of [...Object.keys(names), 'ANTHROPIC_AUTH_TOKEN']) delete process.env[name];
  });
  const { emulator, llm } = await arrangeChat(test, anthropic);
  await llm.complete(QUESTION, live());
  test.match(emulator.requests[0], { authorized: true, headers: { 'x-alheio': undefined } });
});
