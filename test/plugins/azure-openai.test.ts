import t from 'tap';
import { Registry } from '../../core/registry/registry.ts';
import { v1Of, vendor } from '../../plugins/azure-openai/config.ts';
import { azureOpenAiLlm } from '../../plugins/azure-openai/llm.ts';
import { startAzureOpenAi } from '../emulators/azure-openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, SENTENCE, sentBody } from '../helpers/llm.ts';
import { contextFor, failureOf, live, noLeak } from '../helpers/provider.ts';

const azure: ChatVendor = { vendor, provider: azureOpenAiLlm, start: startAzureOpenAi, basePath: '' };

/** A resource with one deployment of this name. */
const named = (deployment: string): ChatVendor => ({
  ...azure,
  start: (options) => startAzureOpenAi({ ...options, deployments: [deployment] }),
});

t.test('answers in the schema it was asked for, with the key in its own header', async (test) => {
  const answer = { itens: ['Dipirona 500 mg'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, azure, { respond: () => answer });
  const result = await llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.same(JSON.parse(result.text), answer);
  test.match(result, { finish: 'stop', model: 'gpt-5.4-mini', requestId: /^req-/ });
  test.same(
    result.usage.map(({ unit, of }) => `${unit} ${of}`),
    ['token text_in', 'token text_out'],
  );
  const [request, ...more] = emulator.requests;
  test.same(more, []);
  test.match(request, { path: '/openai/v1/chat/completions', authorized: true, headers: { 'api-key': '***' } });
  test.equal(request?.query.get('api-version'), null);
  test.match(sentBody(emulator), {
    model: 'gpt-5.4-mini',
    reasoning_effort: 'none',
    temperature: 0.2,
    max_completion_tokens: 200,
    response_format: { type: 'json_schema', json_schema: { strict: true } },
  });
});

t.test('a deployment whose name says nothing gets no parameter its model may refuse', async (test) => {
  const quiet = await arrangeChat(test, named('balcao'), { settings: { model: 'balcao' } });
  await quiet.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.match(sentBody(quiet.emulator), { model: 'balcao', reasoning_effort: undefined, temperature: undefined });
  const told = await arrangeChat(test, named('balcao'), { settings: { model: 'balcao', reasoningEffort: 'none' } });
  await told.llm.complete({ ...QUESTION, temperature: 0.2 }, live());
  test.match(sentBody(told.emulator), { reasoning_effort: 'none', temperature: 0.2 });
  const { capabilities } = azureOpenAiLlm;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the settings');
  test.match(capabilities({ model: 'balcao', region: 'br' }), { temperature: false, region: 'br' });
  test.match(capabilities({}), { temperature: true, region: 'unknown' });
});

t.test('the endpoint is required, and taken in every form the portal shows', async (test) => {
  const ctx = contextFor(test, vendor, {});
  const creating = async () => azureOpenAiLlm.create({ apiKey: EMULATOR_KEY }, {}, ctx);
  test.match(await failureOf(test, creating()), { code: 'invalid_request', blame: 'config' });
  const named = { code: 'BALTO_CONFIG_INVALID', field: 'llm/azure-openai.baseUrl' };
  test.throws(() => new Registry().settingsFromEnv(azureOpenAiLlm, {}), named);
  const env = { AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com' };
  test.match(new Registry().settingsFromEnv(azureOpenAiLlm, env), { baseUrl: env.AZURE_OPENAI_ENDPOINT });
  const v1 = 'https://r.openai.azure.com/openai/v1';
  for (const [given, expected] of [
    ['https://r.openai.azure.com', v1],
    ['https://r.openai.azure.com/', v1],
    ['https://r.openai.azure.com/openai/v1/', v1],
    ['https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21', v1],
    ['https://apim.example.com/ia', 'https://apim.example.com/ia/openai/v1'],
  ] as const) {
    test.equal(v1Of(given), expected, given);
  }
});

t.test('streams: the filter’s first event has no choice, the deltas add up, usage comes last', async (test) => {
  const answer = { itens: ['Dipirona 500 mg', 'Paracetamol'], motivo: 'dor de cabeça' };
  const { llm } = await arrangeChat(test, azure, { respond: () => answer });
  const events = await collect(llm.stream?.(QUESTION, live()));
  const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []));
  test.ok(deltas.length > 3);
  test.same(JSON.parse(deltas.join('')), answer);
  test.match(events.at(-1), { type: 'result', result: { text: deltas.join(''), usage: [{}, {}] } });
});

t.test('says how the model stopped: cut short, filtered, declined, or to call a tool', async (test) => {
  const { emulator, llm } = await arrangeChat(test, azure);
  for (const [fault, finish] of [
    [{ kind: 'finish', finish: 'length' }, 'length'],
    [{ kind: 'finish', finish: 'content_filter' }, 'filter'],
    [{ kind: 'refusal' }, 'refusal'],
  ] as const) {
    await emulator.setFault(fault);
    test.equal((await llm.complete(QUESTION, live())).finish, finish);
    test.match((await collect(llm.stream?.(QUESTION, live()))).at(-1), { result: { finish } });
  }
  const toolCalls = [{ name: 'buscar', arguments: '{"nome":"dipirona"}' }];
  const calling = await arrangeChat(test, azure, { respond: () => ({ toolCalls }) });
  const expected = { finish: 'tool', toolCalls: [{ id: 'call-0', ...toolCalls[0] }] };
  test.match(await calling.llm.complete(QUESTION, live()), expected);
  test.match((await collect(calling.llm.stream?.(QUESTION, live()))).at(-1), { result: expected });
});

const error = (code: string, message = '', more: object = {}) => JSON.stringify({ error: { code, message, ...more } });

/** As documented for a question the content filter stopped. */
const FILTERED = error('content_filter', 'The response was filtered due to the prompt triggering the policy.', {
  param: 'prompt',
  status: 400,
  innererror: {
    code: 'ResponsibleAIPolicyViolation',
    content_filter_result: { violence: { filtered: true, severity: 'high' } },
  },
});
const WAIT = `Requests to the Operation ${'under Azure OpenAI API '.repeat(9)} exceeded. Please retry after 26 seconds.`;

faultTests(t, azure, [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', vendorCode: '401', vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'insufficient_quota', retryable: false }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined, retryable: true }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000 },
  ],
  [
    { kind: 'status', status: 429, body: error('429', WAIT) },
    { code: 'rate_limited', retryAfterMs: 26_000 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true, requestId: /^apim-/ }],
  [
    { kind: 'status', status: 400, body: FILTERED },
    { code: 'output', blame: 'vendor', vendorCode: 'content_filter', retryable: false },
  ],
  [
    { kind: 'status', status: 404, body: error('DeploymentNotFound') },
    { code: 'invalid_request', blame: 'config', vendorCode: 'DeploymentNotFound' },
  ],
  [{ kind: 'status', status: 401, body: '{"statusCode":401,"message":"Unauthorized"}' }, { code: 'auth' }],
  [{ kind: 'status', status: 403, body: error('403', 'Virtual Network rules') }, { code: 'auth' }],
  [{ kind: 'status', status: 408, body: error('Timeout') }, { code: 'timeout' }],
  [{ kind: 'status', status: 503, body: '<html>' }, { code: 'server' }],
  [
    { kind: 'status', status: 400, body: error('BadRequest', `key ${EMULATOR_KEY} has no access`) },
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

t.test('what breaks inside an accepted stream is one typed error', async (test) => {
  const { emulator, log, llm } = await arrangeChat(test, azure, { respond: () => SENTENCE.repeat(10) });
  const half = `data: ${JSON.stringify({ choices: [{ delta: { content: SENTENCE } }] })}\n\n`;
  const sse = { 'content-type': 'text/event-stream' };
  for (const [fault, expected] of [
    [{ kind: 'error_frame' }, { code: 'server', vendorCode: 'server_error' }],
    [
      { kind: 'reset', afterBytes: 700 },
      { code: 'connection', retryable: true },
    ],
    [{ kind: 'malformed_frame' }, { code: 'protocol' }],
    [
      { kind: 'status', status: 200, headers: sse, body: half },
      { code: 'connection', message: /interrompida/ },
    ],
  ] as const) {
    await emulator.setFault(fault);
    const failure = await failureOf(test, collect(llm.stream?.(QUESTION, live())));
    test.match(failure, expected, fault.kind);
    noLeak(test, failure, log, [SENTENCE, EMULATOR_KEY]);
  }
  test.equal(emulator.requests.length, 4);
});

t.test('an abort ends a silent request and a dripping stream, as aborted', async (test) => {
  const { emulator, llm } = await arrangeChat(test, azure);
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

t.test('probe asks the deployment itself: a wrong key and a wrong name are refused, a filter is not', async (test) => {
  const right = await arrangeChat(test, azure);
  await right.probe();
  test.match(sentBody(right.emulator), { model: 'gpt-5.4-mini', max_completion_tokens: 16 });
  await right.emulator.setFault({ kind: 'status', status: 400, body: FILTERED });
  await right.probe();
  const wrong = await arrangeChat(test, azure, { apiKey: 'chave-errada' });
  const refused = await failureOf(test, wrong.probe());
  test.equal(refused.code, 'auth');
  noLeak(test, refused, wrong.log, ['chave-errada']);
  const absent = await arrangeChat(test, azure, { settings: { model: 'outra' } });
  test.match(await failureOf(test, absent.probe()), { code: 'invalid_request', vendorCode: 'DeploymentNotFound' });
});
