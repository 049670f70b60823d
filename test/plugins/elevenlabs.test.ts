import t, { type Test } from 'tap';
import type { Settings } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE = { language: 'pt-BR' };

async function arrange(test: Test, given: { apiKey?: string; settings?: Settings; maxBodyBytes?: number } = {}) {
  const emulator = await startElevenLabs({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await elevenLabsStt.create({ apiKey }, settings, ctx);
  const probe = async () => elevenLabsStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, probe };
}

async function formOf(emulator: Emulator): Promise<FormData> {
  const [request] = emulator.requests;
  if (!request) throw new Error('no request came');
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return new Response(new Uint8Array(request.body), { headers }).formData();
}

t.test('transcribes one utterance with words, times, language and usage', async (test) => {
  const { emulator, stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { ...PORTUGUESE, diarize: true }, live());
  test.match(transcript, {
    text: 'p1 p2',
    language: 'pt',
    model: 'scribe_v2',
    speakerScope: 'request',
    words: [
      { text: 'p1', startMs: 0, endMs: 500 },
      { text: 'p2', startMs: 1000, endMs: 1500 },
    ],
    usage: [{ unit: 'second', quantity: 1.5, of: 'audio_in', model: 'scribe_v2' }],
  });
  test.equal(transcript.words?.length, 2, 'spaces are no words');
  test.ok(Math.abs((transcript.confidence ?? 0) - 0.9) < 0.001);
  test.ok(transcript.requestId);
  test.equal(emulator.requests.length, 1);
});

t.test('sends raw 16 kHz PCM, the language, and key terms within the vendor limits', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { retainData: false } });
  const keyterms = ['Dipirona', 'Dorflex', 'x'.repeat(50), 'um dois três quatro cinco seis', '<b>'];
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms }, live());
  const form = await formOf(emulator);
  test.same(form.getAll('keyterms'), ['Dipirona', 'Dorflex']);
  test.equal(form.get('file_format'), 'pcm_s16le_16');
  test.equal(form.get('language_code'), 'pt');
  test.equal(form.get('tag_audio_events'), 'false');
  test.equal(form.get('timestamps_granularity'), 'word');
  test.same(new Int16Array(await (form.get('file') as Blob).arrayBuffer()), spoken([1]).pcm);
  test.equal(emulator.requests[0]?.query.get('enable_logging'), 'false');
});

t.test('the older model gets no key terms and states no capability for them', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { model: 'scribe_v1' } });
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms: ['Dipirona'] }, live());
  test.equal((await formOf(emulator)).has('keyterms'), false);
  const { capabilities } = elevenLabsStt;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the model');
  test.equal(capabilities({ model: 'scribe_v1' }).keyterms, undefined);
  test.equal(capabilities({}).keyterms?.max, 100);
  test.equal(capabilities({ baseUrl: 'https://api.eu.residency.elevenlabs.io' }).region, 'eu');
});

t.test('silence is an answer: empty text, no error', async (test) => {
  const { stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
  test.equal(transcript.text, '');
  test.equal(transcript.confidence, undefined);
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorCode: 'invalid_api_key' }],
  [{ kind: 'quota' }, { code: 'quota', blame: 'config', retryable: false, vendorCode: 'quota_exceeded' }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'concurrency', retryAfterMs: undefined }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', retryAfterMs: 7000, retryable: true },
  ],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true }],
  [{ kind: 'status', status: 429, body: '{"detail":{"status":"system_busy"}}' }, { code: 'server' }],
  [{ kind: 'status', status: 504, body: '<html>' }, { code: 'timeout' }],
  [{ kind: 'status', status: 422, body: '{"detail":[{"msg":"no","type":"missing"}]}' }, { code: 'invalid_request' }],
  [
    { kind: 'status', status: 400, body: `{"detail":{"code":"bad","message":"key ${EMULATOR_KEY}"}}` },
    { code: 'invalid_request', vendorCode: 'bad', vendorMessage: 'key ***' },
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

t.test('a wrong key is refused by probe and by transcribe; a right one passes', async (test) => {
  const { log, stt, probe } = await arrange(test, { apiKey: 'chave-errada' });
  for (const call of [probe, () => stt.transcribe(spoken([1]), PORTUGUESE, live())]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    noLeak(test, error, log, ['chave-errada']);
  }
  await (await arrange(test)).probe();
});

t.test('probe accepts a key that is limited to other endpoints', async (test) => {
  const { emulator, probe } = await arrange(test);
  await emulator.setFault({ kind: 'status', status: 401, body: '{"detail":{"status":"missing_permissions"}}' });
  await test.resolves(probe());
});

t.test('an abort ends a silent request at once, as aborted', async (test) => {
  const { emulator, stt } = await arrange(test);
  await emulator.setFault({ kind: 'silence' });
  const abort = new AbortController();
  const asked = emulator.nextRequest();
  const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
  await asked;
  abort.abort();
  test.match(await call, { code: 'aborted', blame: 'caller', retryable: false });
});

t.test('an abort ends a dripping body', async (test) => {
  const { emulator, stt } = await arrange(test);
  await emulator.setFault({ kind: 'drip', everyMs: 20 });
  const abort = new AbortController();
  const asked = emulator.nextRequest();
  const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
  await asked;
  abort.abort();
  test.equal((await call).code, 'aborted');
});

t.test('audio at another rate is refused before anything is sent', async (test) => {
  const { emulator, stt } = await arrange(test);
  const audio = { pcm: new Int16Array(8000), sampleRateHz: 8000 };
  test.match(await failureOf(test, stt.transcribe(audio, PORTUGUESE, live())), { code: 'unsupported', blame: 'core' });
  test.equal(emulator.requests.length, 0);
});
