import t from 'tap';
import type { LlmMessage } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/gemini/config.ts';
import { geminiLlm } from '../../plugins/gemini/llm.ts';
import { startGemini } from '../emulators/gemini.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, SENTENCE, sentBody } from '../helpers/llm.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';

const gemini: ChatVendor = { vendor, provider: geminiLlm, start: startGemini };

const TOOLS = [{ name: 'buscar', description: 'Busca um produto', parameters: { type: 'object', properties: {} } }];

t.test('answers in the schema it was asked for, with usage by price', async (test) => {
  const answer = { itens: ['Dipirona 500 mg'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, gemini, { respond: () => answer });
  const result = await llm.complete(QUESTION, live());
  test.same(JSON.parse(result.text), answer);
  test.match(result, { finish: 'stop', model: 'gemini-3.5-flash-lite', requestId: /^resp-/ });
  test.same(
    result.usage.map(({ unit, of }) => `${unit} ${of}`),
    ['token text_in', 'token text_out'],
  );
  const [request, ...more] = emulator.requests;
  test.same(more, []);
  test.match(request, { path: '/v1/models/gemini-3.5-flash-lite:generateContent', authorized: true });
  test.equal([...(request?.query.keys() ?? [])].join(), '', 'the key goes in a header, never into a URL');
});

t.test('sends the schema, the system apart, the limits', async (test) => {
  const { emulator, llm } = await arrangeChat(test, gemini, { settings: { thinkingLevel: 'low' } });
  await llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.strictSame(sentBody(emulator), {
    contents: [{ role: 'user', parts: [{ text: SENTENCE }] }],
    systemInstruction: { parts: [{ text: 'Recomende.' }] },
    generationConfig: {
      responseMimeType: 'application/json',
      responseJsonSchema: QUESTION.schema?.schema,
      temperature: 0.2,
      maxOutputTokens: 200,
      thinkingConfig: { thinkingLevel: 'low' },
    },
  });
  const { capabilities } = geminiLlm;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the settings');
  test.equal(capabilities({}).temperature, true);
  test.equal(capabilities({ model: 'gemini-3.8-flash' }).temperature, false);
});

t.test('cached tokens are billed apart; what the model thought is output', async (test) => {
  const { llm } = await arrangeChat(test, gemini, { respond: () => SENTENCE, settings: { thinkingLevel: 'low' } });
  const long = { messages: [{ role: 'user' as const, content: 'x'.repeat(8000) }] };
  const { usage } = await llm.complete(long, live());
  const of = (name: string) => usage.find((each) => each.of === name)?.quantity ?? 0;
  test.ok(of('text_in_cached') > 400);
  test.equal(
    of('text_in') + of('text_in_cached'),
    Math.ceil((JSON.stringify(long.messages[0]?.content).length + 42) / 4),
  );
  test.equal(of('text_out'), 50 + Math.ceil((SENTENCE.length + 13) / 4));
  test.match((await collect(llm.stream?.(long, live()))).at(-1), { type: 'result', result: { usage } });
});

t.test('says how the model stopped: cut short, filtered, not even asked, or to call a tool', async (test) => {
  const { emulator, llm } = await arrangeChat(test, gemini);
  for (const [fault, finish] of [
    [{ kind: 'finish', finish: 'length' }, 'length'],
    [{ kind: 'finish', finish: 'content_filter' }, 'filter'],
    [{ kind: 'refusal' }, 'refusal'],
  ] as const) {
    await emulator.setFault(fault);
    test.equal((await llm.complete(QUESTION, live())).finish, finish);
    test.match((await collect(llm.stream?.(QUESTION, live()))).at(-1), { result: { finish } });
  }
  const toolCalls = [
    { name: 'buscar', arguments: '{"nome":"dipirona"}' },
    { name: 'buscar', arguments: '{}' },
  ];
  const calling = await arrangeChat(test, gemini, { respond: () => ({ toolCalls }) });
  const whole = await calling.llm.complete({ ...QUESTION, tools: TOOLS }, live());
  test.match(whole, { finish: 'tool', toolCalls });
  test.equal(new Set(whole.toolCalls?.map(({ id }) => id)).size, 2, 'calls without an id get one');
  const events = await collect(calling.llm.stream?.({ ...QUESTION, tools: TOOLS }, live()));
  test.match(events.at(-1), { result: { finish: 'tool', toolCalls } });
  test.equal(events.filter((event) => event.type === 'toolCall').length, 2);
  test.match(sentBody(calling.emulator), {
    tools: [{ functionDeclarations: [{ name: 'buscar', parametersJsonSchema: { type: 'object' } }] }],
  });
});

t.test(
  'a call goes back with the signature it came with; one of another vendor, with the documented stand-in',
  async (test) => {
    const toolCalls = [
      { name: 'buscar', arguments: '{"nome":"dipirona"}' },
      { name: 'estoque', arguments: '{}' },
    ];
    let round = 0;
    const { emulator, llm } = await arrangeChat(test, gemini, {
      respond: () => (round++ === 0 ? { toolCalls } : 'pronto'),
    });
    const user: LlmMessage = { role: 'user', content: SENTENCE };
    const asked = await llm.complete({ messages: [user], tools: TOOLS }, live());
    const [first, second] = asked.toolCalls ?? [];
    const results = (one: string, two: string): LlmMessage[] => [
      { role: 'tool', content: '{"preco":10}', toolCallId: one },
      { role: 'tool', content: 'há 3', toolCallId: two },
    ];
    const turn: LlmMessage = { role: 'assistant', content: '', toolCalls: asked.toolCalls ?? [] };
    await llm.complete({ messages: [user, turn, ...results(first?.id ?? '', second?.id ?? '')] }, live());
    const sent = JSON.parse(emulator.requests[1]?.body.toString('utf8') ?? '{}') as { contents: unknown[] };
    test.match(sent.contents.slice(1), [
      {
        role: 'model',
        parts: [
          { functionCall: { name: 'buscar', args: { nome: 'dipirona' } }, thoughtSignature: 'assinatura-1' },
          { functionCall: { name: 'estoque' }, thoughtSignature: undefined },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: first?.id, name: 'buscar', response: { preco: 10 } } },
          { functionResponse: { id: second?.id, name: 'estoque', response: { result: 'há 3' } } },
        ],
      },
    ]);
    const foreign = { ...turn, toolCalls: toolCalls.map((call, index) => ({ ...call, id: `call-${index}` })) };
    const answer = await llm.complete({ messages: [user, foreign, ...results('call-0', 'call-1')] }, live());
    test.equal(answer.text, 'pronto');
  },
);

t.test('an answer without text, or one that stopped for no use, is an output error', async (test) => {
  const { emulator, llm } = await arrangeChat(test, gemini, { respond: () => '' });
  test.match(await failureOf(test, llm.complete(QUESTION, live())), { code: 'output', blame: 'vendor' });
  const body = JSON.stringify({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] });
  await emulator.setFault({ kind: 'status', status: 200, body });
  const error = await failureOf(test, llm.complete(QUESTION, live()));
  test.match(error, { code: 'output', vendorCode: 'MALFORMED_FUNCTION_CALL' });
});

t.test('streams: deltas that add up to the result; thoughts are no part of it', async (test) => {
  const answer = { itens: ['Dipirona 500 mg', 'Paracetamol'], motivo: 'dor de cabeça' };
  const { emulator, llm } = await arrangeChat(test, gemini, { respond: () => answer });
  await emulator.setFault({ kind: 'unknown_messages' });
  const events = await collect(llm.stream?.(QUESTION, live()));
  const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
  test.ok(deltas.length > 3);
  test.same(JSON.parse(deltas.join('')), answer);
  test.match(events.at(-1), { type: 'result', result: { text: deltas.join(''), requestId: /^resp-/ } });

  await emulator.setFault({ kind: 'drip', everyMs: 0 });
  test.match(
    (await collect(llm.stream?.(QUESTION, live()))).at(-1),
    { result: { text: deltas.join('') } },
    'byte by byte',
  );

  const parts = [{ text: 'pensando', thought: true }, { text: 'oi' }];
  const thought = JSON.stringify({ candidates: [{ content: { parts }, finishReason: 'STOP' }] });
  await emulator.setFault({ kind: 'status', status: 200, body: `: comentário\n\ndata: ${thought}\n\n` });
  test.match(await collect(llm.stream?.(QUESTION, live())), [{ text: 'oi' }, { result: { text: 'oi' } }]);
});

const error = (code: number, status: string, message = '', details: object[] = []) =>
  JSON.stringify({ error: { code, status, message, details } });
const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17.0205s' };

faultTests(t, gemini, [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', vendorCode: 'API_KEY_INVALID', vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'RESOURCE_EXHAUSTED', retryable: false }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined, retryable: true }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000 },
  ],
  [
    { kind: 'status', status: 429, body: error(429, 'RESOURCE_EXHAUSTED', '', [RETRY]) },
    { code: 'rate_limited', retryAfterMs: 17_021 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true, vendorCode: 'UNAVAILABLE' }],
  [
    { kind: 'status', status: 500, body: `[${error(500, 'INTERNAL')}]` },
    { code: 'server', vendorCode: 'INTERNAL' },
  ],
  [{ kind: 'status', status: 503, body: '<html>' }, { code: 'server' }],
  [{ kind: 'status', status: 504, body: error(504, 'DEADLINE_EXCEEDED') }, { code: 'timeout' }],
  [{ kind: 'status', status: 403, body: error(403, 'PERMISSION_DENIED') }, { code: 'auth' }],
  [
    { kind: 'status', status: 400, body: error(400, 'FAILED_PRECONDITION', 'User location is not supported.') },
    { code: 'unsupported', blame: 'config' },
  ],
  [
    { kind: 'status', status: 404, body: error(404, 'NOT_FOUND') },
    { code: 'invalid_request', blame: 'config' },
  ],
  [
    { kind: 'status', status: 400, body: error(400, 'INVALID_ARGUMENT', `key ${EMULATOR_KEY} has no access`) },
    { code: 'invalid_request', vendorMessage: 'key *** has no access' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset', afterBytes: 5 }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [
    { kind: 'huge', bytes: 3_000_000 },
    { code: 'protocol', message: /maior que|longo demais/ },
  ],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
]);

t.test('what breaks inside an accepted stream is one typed error', async (test) => {
  const { emulator, log, llm } = await arrangeChat(test, gemini, { respond: () => SENTENCE.repeat(10) });
  const half = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: SENTENCE }] } }] })}\n\n`;
  const slow = error(429, 'RESOURCE_EXHAUSTED', SENTENCE, [RETRY]);
  for (const [fault, expected] of [
    [{ kind: 'error_frame' }, { code: 'server', vendorCode: 'UNAVAILABLE', retryable: true }],
    [
      { kind: 'status', status: 200, body: `${half}data: ${slow}\n\n` },
      { code: 'rate_limited', retryAfterMs: 17_021 },
    ],
    [
      { kind: 'reset', afterBytes: 700 },
      { code: 'connection', retryable: true },
    ],
    [{ kind: 'malformed_frame' }, { code: 'protocol' }],
    [
      { kind: 'status', status: 200, body: half },
      { code: 'connection', message: /interrompida/ },
    ],
    [{ kind: 'status', status: 200, body: 'data: "oi"\n\n' }, { code: 'protocol' }],
  ] as const) {
    await emulator.setFault(fault);
    const failure = await failureOf(test, collect(llm.stream?.(QUESTION, live())));
    test.match(failure, expected, JSON.stringify(fault));
    noLeak(test, failure, log, [SENTENCE, EMULATOR_KEY]);
  }
  test.equal(emulator.requests.length, 6);
});

t.test('an abort ends a silent request and a dripping stream, as aborted', async (test) => {
  const { emulator, llm } = await arrangeChat(test, gemini);
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
  const { emulator, llm } = await arrangeChat(test, gemini, { respond: () => SENTENCE.repeat(50) });
  await emulator.setFault({ kind: 'drip', everyMs: 1 });
  for await (const event of llm.stream?.(QUESTION, live()) ?? []) {
    test.equal(event.type, 'delta');
    break;
  }
  await emulator.idle();
});

t.test('probe asks about the model only; a wrong key and a retired model are refused', async (test) => {
  const right = await arrangeChat(test, gemini, { settings: { model: 'models/gemini-3.8-flash' } });
  await right.probe();
  test.match(right.emulator.requests[0], { method: 'GET', path: '/v1/models/gemini-3.8-flash' });
  const wrong = await arrangeChat(test, gemini, { apiKey: 'chave-errada' });
  const refused = await failureOf(test, wrong.probe());
  test.equal(refused.code, 'auth');
  noLeak(test, refused, wrong.log, ['chave-errada']);
  const old = await arrangeChat(test, gemini, { settings: { model: 'gemini-1.5-flash' } });
  const retired = await failureOf(test, old.probe());
  test.match(retired, { code: 'invalid_request', blame: 'config', message: /gemini-3\.5-flash-lite/ });
  const unknown = await arrangeChat(test, gemini, { settings: { model: 'gemini-inexistente' } });
  test.match(await failureOf(test, unknown.probe()), { code: 'invalid_request', blame: 'config' });
});

t.test('a model’s name cannot lead a request elsewhere', async (test) => {
  const given = { settings: { model: '../outro?x=1' } };
  await test.rejects(arrangeChat(test, gemini, given), { code: 'invalid_request', blame: 'config', message: /model/ });
});
