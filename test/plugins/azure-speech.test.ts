import t, { type Test } from 'tap';
import type { Settings, SttOptions } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/azure-speech/config.ts';
import { azureSpeechStt } from '../../plugins/azure-speech/stt.ts';
import { startAzureSpeech } from '../emulators/azure-speech.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE: SttOptions = { language: 'pt-BR' };

async function arrange(test: Test, given: { apiKey?: string; settings?: Settings; maxBodyBytes?: number } = {}) {
  const emulator = await startAzureSpeech({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await azureSpeechStt.create({ apiKey }, settings, ctx);
  const probe = async () => azureSpeechStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, probe };
}

async function definitionOf(emulator: Emulator): Promise<Record<string, unknown>> {
  const [request] = emulator.requests;
  if (!request) throw new Error('no request came');
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(request.body), { headers }).formData();
  return JSON.parse(String(form.get('definition')));
}

t.test('transcribes one utterance with words, times, confidence, speakers and usage', async (test) => {
  const { emulator, stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([1, 0, 2, 3]), { ...PORTUGUESE, diarize: true }, live());
  test.match(transcript, {
    text: 'p1 p2 p3',
    language: 'pt-BR',
    model: 'fast-transcription',
    speakerScope: 'request',
    words: [
      { text: 'p1', startMs: 0, endMs: 500, speaker: '0' },
      { text: 'p2', startMs: 1000, endMs: 1500 },
      { text: 'p3', startMs: 1500, endMs: 2000 },
    ],
    usage: [{ unit: 'second', quantity: 2, of: 'audio_in', model: 'fast-transcription' }],
  });
  test.ok(Math.abs((transcript.confidence ?? 0) - 0.9) < 0.001);
  test.ok(transcript.requestId);
  test.equal(emulator.requests.length, 1);
  test.equal(emulator.requests[0]?.query.get('api-version'), '2025-10-15');
});

t.test('states the language, unmasked words, speakers and key terms within the bounds', async (test) => {
  const { emulator, stt } = await arrange(test);
  const keyterms = ['x'.repeat(101), ...Array.from({ length: 510 }, (_, index) => `termo ${index}`)];
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms, diarize: true }, live());
  const definition = await definitionOf(emulator);
  test.match(definition, { locales: ['pt-BR'], profanityFilterMode: 'None', diarization: { enabled: true } });
  const { phrases } = definition['phraseList'] as { phrases: string[] };
  test.equal(phrases.length, 500);
  test.equal(phrases[0], 'termo 0');
});

t.test('nothing optional is sent when nothing was asked for', async (test) => {
  const { emulator, stt } = await arrange(test);
  await stt.transcribe(spoken([1]), PORTUGUESE, live());
  test.same(await definitionOf(emulator), { locales: ['pt-BR'], profanityFilterMode: 'None' });
});

t.test('audio goes at its own rate', async (test) => {
  const { stt } = await arrange(test);
  const pcm = new Int16Array(8000).fill(200, 4000);
  const transcript = await stt.transcribe({ pcm, sampleRateHz: 8000 }, PORTUGUESE, live());
  test.match(transcript.words, [{ text: 'p2', startMs: 500, endMs: 1000 }]);
});

t.test('silence is an answer: empty text, no error', async (test) => {
  const { stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
  test.equal(transcript.text, '');
  test.same(transcript.words, []);
  test.equal(transcript.confidence, undefined);
});

t.test('a language without fast transcription is refused before anything is sent', async (test) => {
  const { emulator, stt } = await arrange(test);
  const error = await failureOf(test, stt.transcribe(spoken([1]), { language: 'gl-ES' }, live()));
  test.match(error, { code: 'unsupported', retryable: false });
  test.equal(emulator.requests.length, 0);
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorCode: '401' }],
  [{ kind: 'quota' }, { code: 'quota', blame: 'config', retryable: false }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', retryAfterMs: 7000, retryable: true },
  ],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true, vendorCode: 'InternalServerError' }],
  [{ kind: 'status', status: 403, body: '{"error":{"code":"403","message":"Forbidden"}}' }, { code: 'auth' }],
  [
    { kind: 'status', status: 404, body: '' },
    { code: 'invalid_request', blame: 'config' },
  ],
  [{ kind: 'status', status: 504, body: '<html>' }, { code: 'timeout' }],
  [
    {
      kind: 'status',
      status: 400,
      headers: { 'apim-request-id': 'r-1' },
      body: `{"code":"InvalidArgument","message":"no","innerError":{"code":"Odd","message":"key ${EMULATOR_KEY}"}}`,
    },
    { code: 'invalid_request', vendorCode: 'Odd', vendorMessage: 'key ***', requestId: 'r-1' },
  ],
  [
    { kind: 'status', status: 400, body: '{"code":"InvalidArgument","innerError":{"code":"InvalidLocale"}}' },
    { code: 'unsupported' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
  [
    { kind: 'huge', bytes: 3_000_000 },
    { code: 'protocol', message: /maior que/ },
  ],
];

for (const [fault, expected] of FAULTS) {
  t.test(`${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, stt } = await arrange(test, { maxBodyBytes: 1_000_000 });
    await emulator.setFault(fault);
    const error = await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()));
    test.match(error, expected);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
    noLeak(test, error, log, [EMULATOR_KEY]);
  });
}

for (const kind of ['silence', 'half_open', 'drip'] as const) {
  t.test(`an abort ends a request that meets ${kind}, as aborted`, async (test) => {
    const { emulator, stt } = await arrange(test);
    await emulator.setFault(kind === 'drip' ? { kind, everyMs: 20 } : { kind });
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
    await asked;
    abort.abort();
    test.match(await call, { code: 'aborted', blame: 'caller', retryable: false });
  });
}

t.test('a wrong key is refused by probe and by transcribe; a right one passes', async (test) => {
  const { log, stt, probe } = await arrange(test, { apiKey: 'chave-errada' });
  for (const call of [probe, () => stt.transcribe(spoken([1]), PORTUGUESE, live())]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    noLeak(test, error, log, ['chave-errada']);
  }
  await (await arrange(test)).probe();
});

t.test('the region is where requests go and where data is said to be processed', async (test) => {
  const asked: string[] = [];
  const ctx = contextFor(test, vendor, {});
  const fetch = async (input: Parameters<typeof globalThis.fetch>[0]) => {
    asked.push(String(input));
    return new Response('[]', { headers: { 'content-type': 'application/json' } });
  };
  await azureSpeechStt.probe?.({ apiKey: 'k' }, {}, { ...ctx, fetch });
  await azureSpeechStt.probe?.({ apiKey: 'k' }, { region: 'westeurope' }, { ...ctx, fetch });
  test.same(
    asked.map((url) => new URL(url).host),
    ['brazilsouth.api.cognitive.microsoft.com', 'westeurope.api.cognitive.microsoft.com'],
  );
  test.ok(asked.every((url) => vendor.hosts?.includes(new URL(url).host)));
  const { capabilities } = azureSpeechStt;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the region');
  test.equal(capabilities({ region: 'westeurope' }).region, 'westeurope');
  test.throws(() => capabilities({ region: 'marte' }), { code: 'invalid_request', blame: 'config', message: /region/ });
});
