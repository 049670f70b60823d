import t, { type Test } from 'tap';
import type { Settings, TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiEmbeddings } from '../../plugins/openai/embeddings.ts';
import { openAiTts } from '../../plugins/openai/tts.ts';
import type { Fault } from '../emulators/faults.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { sentBody } from '../helpers/llm.ts';
import { contextFor, failureOf, keptLog, live, noLeak } from '../helpers/provider.ts';

const TEXT = 'Temos dipirona em gotas.';
const REQUEST: TtsRequest = {
  text: TEXT,
  voice: 'cedar',
  language: 'pt-BR',
  encoding: 'pcm_s16le',
  sampleRateHz: 24_000,
};

async function arrange(test: Test, given: Settings = {}, apiKey = EMULATOR_KEY) {
  const emulator = await startOpenAi();
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}/v1`, ...given };
  const log = keptLog();
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000 });
  const tts = await openAiTts.create({ apiKey }, settings, ctx);
  const embeddings = await openAiEmbeddings.create({ apiKey }, settings, ctx);
  const probes = [openAiTts, openAiEmbeddings].map(
    ({ probe }) =>
      async () =>
        probe?.({ apiKey }, settings, ctx),
  );
  return { emulator, log, tts, embeddings, probes };
}

async function collect(events: AsyncIterable<TtsEvent>): Promise<TtsEvent[]> {
  const all: TtsEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

t.test('speaks: PCM at 24 kHz in whole samples, in Portuguese, with usage at the end', async (test) => {
  const { emulator, tts } = await arrange(test);
  const events = await collect(tts.synthesize(REQUEST, live()));
  const bytes = events.flatMap((event) => (event.type === 'audio' ? [event.bytes.length] : []));
  test.equal(
    bytes.reduce((sum, each) => sum + each, 0),
    TEXT.length * 960,
  );
  test.ok(bytes.every((length) => length % 2 === 0));
  test.match(events.at(-1), {
    type: 'usage',
    usage: [
      { unit: 'character', quantity: TEXT.length, of: 'text_in' },
      { unit: 'second', quantity: TEXT.length * 0.02, of: 'audio_out' },
    ],
  });
  test.match(sentBody(emulator), {
    model: 'gpt-4o-mini-tts',
    voice: 'cedar',
    input: TEXT,
    response_format: 'pcm',
    instructions: 'Speak in Brazilian Portuguese.',
  });
});

t.test('an empty voice is the configured one; the older models get no instructions', async (test) => {
  const { emulator, tts } = await arrange(test, { model: 'tts-1', voice: 'nova' });
  await collect(tts.synthesize({ ...REQUEST, voice: '' }, live()));
  test.match(sentBody(emulator), { voice: 'nova', instructions: undefined });
});

t.test('pieces that cut a sample in two are joined again', async (test) => {
  const { emulator, tts } = await arrange(test);
  await emulator.setFault({ kind: 'drip', everyMs: 0 });
  const events = await collect(tts.synthesize({ ...REQUEST, text: 'a' }, live()));
  const audio = events.flatMap((event) => (event.type === 'audio' ? [...event.bytes] : []));
  test.equal(audio.length, 960);
  test.ok(events.every((event) => event.type !== 'audio' || event.bytes.length % 2 === 0));
});

t.test('what the vendor has not is refused before anything is sent', async (test) => {
  const { emulator, tts } = await arrange(test);
  for (const [change, code] of [
    [{ sampleRateHz: 16_000 }, 'unsupported'],
    [{ encoding: 'mulaw' as const }, 'unsupported'],
    [{ text: ' ' }, 'empty'],
    [{ text: 'x'.repeat(2001) }, 'invalid_request'],
  ] as const) {
    test.equal((await failureOf(test, collect(tts.synthesize({ ...REQUEST, ...change }, live())))).code, code);
  }
  test.equal(emulator.requests.length, 0);
});

t.test('vectors come in the order of the texts, as floats, of the length asked for', async (test) => {
  const { emulator, embeddings } = await arrange(test, { dimensions: 8 });
  const { vectors, usage } = await embeddings.embed(['dor', 'febre', 'dor'], 'query', live());
  test.equal(vectors.length, 3);
  test.ok(vectors.every((vector) => vector instanceof Float32Array && vector.length === 8));
  test.same(vectors[0], vectors[2]);
  test.notSame(vectors[0], vectors[1]);
  test.same(usage, [{ unit: 'token', quantity: 3, of: 'text_in', model: 'text-embedding-3-small' }]);
  test.match(sentBody(emulator), { encoding_format: 'float', dimensions: 8, input: ['dor', 'febre', 'dor'] });
  test.same(await embeddings.embed([], 'query', live()), { vectors: [], usage: [] });
  const many = Array.from({ length: 65 }, () => 'x');
  test.equal((await failureOf(test, embeddings.embed(many, 'document', live()))).code, 'invalid_request');
  test.equal(emulator.requests.length, 1);
});

t.test('a model of another length is a mistake of the configuration', async (test) => {
  const { emulator, embeddings } = await arrange(test, { model: 'text-embedding-ada-002', dimensions: 8 });
  const error = await failureOf(test, embeddings.embed(['dor'], 'query', live()));
  test.match(error, { code: 'invalid_request', blame: 'config', message: /1536 números; a configuração diz 8/ });
  test.equal(sentBody(emulator)['dimensions'], undefined);
});

t.test('fewer vectors than texts is no answer', async (test) => {
  const { emulator, embeddings } = await arrange(test, { dimensions: 2 });
  const body = JSON.stringify({ data: [{ index: 1, embedding: [0, 1] }] });
  await emulator.setFault({ kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body });
  test.equal((await failureOf(test, embeddings.embed(['a', 'b'], 'query', live()))).code, 'protocol');
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', retryable: false }],
  [{ kind: 'quota' }, { code: 'quota', retryable: false }],
  [
    { kind: 'rate_limited', retryAfter: '2' },
    { code: 'rate_limited', retryAfterMs: 2000 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true }],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset', afterBytes: 11 }, { code: 'connection' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
  [{ kind: 'huge', bytes: 3_000_000 }, { code: 'protocol' }],
];

for (const [fault, expected] of FAULTS) {
  t.test(`${JSON.stringify(fault)}: one attempt, one typed error, nothing secret`, async (test) => {
    const { emulator, log, tts, embeddings } = await arrange(test);
    await emulator.setFault(fault);
    for (const call of [
      () => collect(tts.synthesize(REQUEST, live())),
      () => embeddings.embed([TEXT], 'query', live()),
    ]) {
      const error = await failureOf(test, call());
      test.match(error, expected);
      noLeak(test, error, log, [EMULATOR_KEY, TEXT]);
    }
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 2);
  });
}

t.test('an abort ends silence, and speech in the middle', async (test) => {
  const { emulator, tts, embeddings } = await arrange(test);
  for (const [fault, call] of [
    [{ kind: 'silence' }, (signal: AbortSignal) => embeddings.embed([TEXT], 'query', signal)],
    [{ kind: 'silence' }, (signal: AbortSignal) => collect(tts.synthesize(REQUEST, signal))],
    [{ kind: 'drip', everyMs: 5 }, (signal: AbortSignal) => collect(tts.synthesize(REQUEST, signal))],
  ] as const) {
    await emulator.setFault(fault);
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const failing = failureOf(test, call(abort.signal));
    await asked;
    abort.abort();
    test.equal((await failing).code, 'aborted');
  }
});

t.test('probes: a right key, a wrong one, a retired name', async (test) => {
  for (const probe of (await arrange(test)).probes) await probe();
  for (const probe of (await arrange(test, {}, 'chave-errada')).probes) {
    test.equal((await failureOf(test, probe())).code, 'auth');
  }
  for (const probe of (await arrange(test, { model: 'gpt-4o-mini' })).probes) {
    test.match(await failureOf(test, probe()), { code: 'invalid_request', message: /«gpt-6-luna»/ });
  }
});
