import Fastify from 'fastify';
import t, { type Test } from 'tap';
import type { ProviderManifest, Settings, VendorManifest } from '../../core/contracts/index.ts';
import { configuredProviders } from '../../core/registry/configured.ts';
import registryPlugin from '../../core/registry/plugin.ts';
import plugin from '../../plugins/compatible/index.ts';
import {
  compatibleEmbeddings,
  compatibleLlm,
  compatibleStt,
  compatibleVendor,
  groqLlm,
  groqStt,
  groqVendor,
  ollamaEmbeddings,
  ollamaLlm,
  ollamaVendor,
} from '../../plugins/compatible/presets.ts';
import { readForm } from '../emulators/form.ts';
import { type OpenAiOptions, startGroq, startOllama, startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { arrangeChat, type ChatVendor, collect, faultTests, QUESTION, sentBody } from '../helpers/llm.ts';
import { contextFor, failureOf, keptLog, live, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const groq: ChatVendor = { vendor: groqVendor, provider: groqLlm, start: startGroq, basePath: '/openai/v1' };
const ollama: ChatVendor = { vendor: ollamaVendor, provider: ollamaLlm, start: startOllama };

/** A provider of one of the presets on an emulator. */
async function arrange<K extends 'stt' | 'embeddings' | 'llm'>(
  test: Test,
  start: (options: OpenAiOptions) => Promise<Emulator>,
  [vendor, provider]: [VendorManifest, ProviderManifest<K>],
  given: { settings?: Settings; credential?: Record<string, string>; path?: string } = {},
) {
  const emulator = await start({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}${given.path ?? '/v1'}`, ...given.settings };
  const ctx = contextFor(test, vendor, settings, { log: keptLog() });
  const credential = given.credential ?? {};
  const instance = await provider.create(credential, settings, ctx);
  return { emulator, instance, probe: async () => provider.probe?.(credential, settings, ctx) };
}

t.test('llm/groq: strict schema, little thinking; a schema is answered in one piece', async (test) => {
  const answer = { itens: ['Dipirona'], motivo: 'dor' };
  const { emulator, llm } = await arrangeChat(test, groq, { respond: () => answer });
  const events = await collect(llm.stream?.(QUESTION, live()));
  test.same(
    events.map((event) => event.type),
    ['delta', 'result'],
  );
  test.match(sentBody(emulator), {
    model: 'openai/gpt-oss-20b',
    reasoning_effort: 'low',
    response_format: { type: 'json_schema', json_schema: { strict: true } },
    max_completion_tokens: 200,
    store: undefined,
    stream: false,
  });
});

t.test('llm/groq: another model promises JSON and no more; without a schema it streams', async (test) => {
  const settings = { model: 'qwen/qwen3-32b' };
  const { emulator, llm } = await arrangeChat(test, groq, { settings, respond: () => '{"itens":[]} e mais texto' });
  const { schema: _, ...free } = QUESTION;
  const events = await collect(llm.stream?.(free, live()));
  test.ok(events.filter((event) => event.type === 'delta').length > 1);
  test.equal(sentBody(emulator)['response_format'], undefined);
  emulator.requests.length = 0;
  await llm.complete(QUESTION, live());
  test.match(sentBody(emulator), { response_format: { type: 'json_object' }, reasoning_effort: undefined });
  const { capabilities } = groqLlm;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the model');
  test.equal(capabilities(settings).structured, 'json');
  test.equal(capabilities({}).structured, 'strict');
});

faultTests(t, groq, [
  [{ kind: 'auth' }, { code: 'auth', retryable: false }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000 },
  ],
  [{ kind: 'server_error' }, { code: 'server' }],
  [{ kind: 'status', status: 498, body: '{"error":{"message":"Flex tier capacity exceeded"}}' }, { code: 'server' }],
  [
    { kind: 'status', status: 400, body: '{"error":{"message":"x","code":"model_decommissioned"}}' },
    { code: 'unsupported', blame: 'config' },
  ],
  [
    { kind: 'status', status: 400, body: '{"error":{"message":"x","code":"json_validate_failed"}}' },
    { code: 'output' },
  ],
  [{ kind: 'refuse' }, { code: 'connection' }],
]);

t.test('stt/groq: Whisper with words, and its own request id', async (test) => {
  const given = { credential: { apiKey: EMULATOR_KEY }, path: '/openai/v1' };
  const { emulator, instance } = await arrange(test, startGroq, [groqVendor, groqStt], given);
  const options = { language: 'pt-BR', keyterms: ['Dipirona'] };
  test.match(await instance.transcribe(spoken([1, 0, 2]), options, live()), {
    text: 'p1 p2',
    language: 'pt',
    model: 'whisper-large-v3-turbo',
    words: [{ text: 'p1' }, { text: 'p2', startMs: 1000, endMs: 1500 }],
    requestId: /./,
  });
  const form = emulator.requests[0] && (await readForm(emulator.requests[0]));
  test.equal(form?.get('prompt'), 'Dipirona.');
  test.equal(form?.get('language'), 'pt');
});

t.test('ollama: without a key no header is sent; schema and limit in the words it knows', async (test) => {
  const { emulator, instance } = await arrange(test, startOllama, [ollamaVendor, ollamaLlm]);
  await instance.complete(QUESTION, live());
  test.equal(emulator.requests[0]?.headers['authorization'], undefined);
  test.match(sentBody(emulator), { model: 'llama3.1', max_tokens: 200, max_completion_tokens: undefined });
  const vectors = await arrange(test, startOllama, [ollamaVendor, ollamaEmbeddings]);
  const { vectors: all } = await vectors.instance.embed(['dor', 'febre'], 'document', live());
  test.same(
    all.map((vector) => vector.length),
    [1024, 1024],
  );
  test.match(sentBody(vectors.emulator), { encoding_format: 'float', dimensions: undefined });
});

t.test('ollama streams a schema', async (test) => {
  const { llm } = await arrangeChat(test, ollama, { respond: () => ({ itens: ['Dipirona'], motivo: 'dor' }) });
  test.ok((await collect(llm.stream?.(QUESTION, live()))).length > 3);
});

t.test('any server: by its base URL, with a key or without', async (test) => {
  const settings = { model: 'llama3.1' };
  const free = await arrange(test, startOllama, [compatibleVendor, compatibleLlm], { settings });
  await free.instance.complete(QUESTION, live());
  test.equal(free.emulator.requests[0]?.headers['authorization'], undefined);
  const keyed = { settings: { model: 'whisper-1' }, credential: { apiKey: EMULATOR_KEY } };
  const heard = await arrange(test, startOpenAi, [compatibleVendor, compatibleStt], keyed);
  test.match(await heard.instance.transcribe(spoken([1]), { language: 'pt-BR' }, live()), { text: 'p1' });
  const plain = { ...keyed, settings: { model: 'whisper-1', words: false } };
  const json = await arrange(test, startOpenAi, [compatibleVendor, compatibleStt], plain);
  await json.instance.transcribe(spoken([1]), { language: 'pt-BR' }, live());
  const form = json.emulator.requests[0] && (await readForm(json.emulator.requests[0]));
  test.equal(form?.get('response_format'), 'json');
  const given = { ...keyed, settings: { model: 'text-embedding-3-small', dimensions: 1536 } };
  const vectors = await arrange(test, startOpenAi, [compatibleVendor, compatibleEmbeddings], given);
  test.equal((await vectors.instance.embed(['dor'], 'query', live())).vectors[0]?.length, 1536);
});

t.test('a key goes to the configured server and to no other', async (test) => {
  const elsewhere = await startOpenAi();
  test.teardown(() => elsewhere.close());
  const emulator = await startOpenAi();
  test.teardown(() => emulator.close());
  const ctx = contextFor(test, compatibleVendor, { baseUrl: `${emulator.url}/v1` });
  const llm = await compatibleLlm.create({ apiKey: EMULATOR_KEY }, { baseUrl: `${elsewhere.url}/v1` }, ctx);
  test.match(await failureOf(test, llm.complete(QUESTION, live())), { code: 'unsupported' });
  test.equal(elsewhere.requests.length, 0);
});

t.test('probe: a retired name, a model the server has not, one it has, and a server that takes any', async (test) => {
  const key = { credential: { apiKey: EMULATOR_KEY }, path: '/openai/v1' };
  const retired = { ...key, settings: { model: 'llama-3.3-70b-versatile' } };
  const old = await failureOf(test, (await arrange(test, startGroq, [groqVendor, groqLlm], retired)).probe());
  test.match(old, { code: 'invalid_request', blame: 'config', message: /«openai\/gpt-oss-120b»/ });
  const absent = { settings: { model: 'qwen3' } };
  const error = await failureOf(test, (await arrange(test, startOllama, [ollamaVendor, ollamaLlm], absent)).probe());
  test.match(error, {
    code: 'invalid_request',
    blame: 'config',
    message: /não tem o modelo «qwen3».*«llama3.1:latest»/,
  });
  await (await arrange(test, startOllama, [ollamaVendor, ollamaLlm])).probe();
  await (await arrange(test, startOllama, [ollamaVendor, ollamaEmbeddings])).probe();
  await (await arrange(test, startGroq, [groqVendor, groqStt], key)).probe();
  const wrong = { credential: { apiKey: 'chave-errada' } };
  const any = await arrange(test, startOpenAi, [compatibleVendor, compatibleStt], wrong);
  test.equal((await failureOf(test, any.probe())).code, 'auth');
  const right = { credential: { apiKey: EMULATOR_KEY } };
  await (await arrange(test, startOpenAi, [compatibleVendor, compatibleLlm], right)).probe();
});

t.test(
  'registered: keys and addresses from the environment; a server without an address is refused by name',
  async (test) => {
    const app = Fastify();
    test.teardown(() => app.close());
    await app.register(registryPlugin);
    await app.register(plugin);
    await app.ready();
    const { registry } = app.balto;
    test.same(
      registry.list().map((provider) => `${provider.kind}/${provider.id}`),
      [
        'llm/groq',
        'stt/groq',
        'llm/ollama',
        'embeddings/ollama',
        'llm/compatible',
        'stt/compatible',
        'embeddings/compatible',
      ],
    );
    const [local] = configuredProviders(registry, 'llm', ['llm/ollama:qwen3'], {});
    test.match(local, { missing: null, credentials: [{}], settings: { baseUrl: 'http://localhost:11434/v1' } });
    test.match(configuredProviders(registry, 'llm', ['llm/groq'], {})[0], { missing: /GROQ_API_KEY/ });
    test.throws(() => configuredProviders(registry, 'stt', ['stt/compatible'], {}), {
      code: 'BALTO_CONFIG_INVALID',
      field: 'stt/compatible.baseUrl',
    });
    const env = { COMPATIBLE_BASE_URL: 'http://10.0.0.9:8000/v1', COMPATIBLE_STT_MODEL: 'faster-whisper' };
    test.match(configuredProviders(registry, 'stt', ['stt/compatible'], env)[0], {
      missing: null,
      settings: { baseUrl: 'http://10.0.0.9:8000/v1', model: 'faster-whisper' },
    });
    const region = (baseUrl: string) => registry.capabilities<'stt'>('stt/compatible', { baseUrl }).region;
    test.equal(region('http://127.0.0.1:8000/v1'), 'local');
    test.equal(region('https://api.acme.com/v1'), 'unknown');
  },
);
