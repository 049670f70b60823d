import t, { type Test } from 'tap';
import type { Settings } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiStt } from '../../plugins/openai/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { readForm, readWav } from '../emulators/form.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE = { language: 'pt-BR' };

async function arrange(test: Test, given: { apiKey?: string; settings?: Settings } = {}) {
  const emulator = await startOpenAi({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}/v1`, ...given.settings };
  const log = keptLog();
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000 });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await openAiStt.create({ apiKey }, settings, ctx);
  const probe = async () => openAiStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, probe };
}

async function formOf(emulator: Emulator): Promise<FormData> {
  const [request] = emulator.requests;
  const form = request && (await readForm(request));
  if (!form) throw new Error('no form came');
  return form;
}

t.test('uploads one utterance as WAV, with language and key terms in the fields of the newest model', async (test) => {
  const { emulator, stt } = await arrange(test);
  const keyterms = ['Dipirona', 'Dorflex'];
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { ...PORTUGUESE, keyterms }, live());
  test.match(transcript, { text: 'p1 p2', language: 'pt', model: 'gpt-transcribe', requestId: /^req-/ });
  test.same(transcript.usage, [{ unit: 'second', quantity: 1.5, of: 'audio_in', model: 'gpt-transcribe' }]);
  const form = await formOf(emulator);
  test.same(form.getAll('keywords[]'), keyterms);
  test.same(form.getAll('languages[]'), ['pt']);
  test.equal(form.has('language'), false);
  test.equal(form.has('prompt'), false);
  const audio = await readWav(form.get('file') as File);
  test.same(audio, spoken([1, 0, 2]));
  test.equal((form.get('file') as File).name, 'audio.wav');
});

t.test('whisper: words with times, confidence, key terms and what was said before in the prompt', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { model: 'whisper-1' } });
  const previousText = `${'x'.repeat(300)} bom dia`;
  const keyterms = Array.from({ length: 60 }, (_, index) => `Remédio número ${index}`);
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { ...PORTUGUESE, keyterms, previousText }, live());
  test.match(transcript, {
    language: 'pt',
    words: [
      { text: 'p1', startMs: 0, endMs: 500 },
      { text: 'p2', startMs: 1000, endMs: 1500 },
    ],
    usage: [{ quantity: 2 }],
  });
  test.ok(Math.abs((transcript.confidence ?? 0) - 0.9) < 0.001);
  test.ok(Math.abs((transcript.noSpeechProbability ?? 0) - 0.1) < 0.001);
  const form = await formOf(emulator);
  test.equal(form.get('language'), 'pt');
  test.same(form.getAll('timestamp_granularities[]'), ['word', 'segment']);
  const prompt = String(form.get('prompt'));
  test.match(prompt, /^Remédio número 0, Remédio número 1, .*número \d+\. x+ bom dia$/);
  test.ok(prompt.length <= 603, 'within 224 tokens');
});

t.test('gpt-4o: confidence from the tokens, billed by token; diarize: speakers, no prompt', async (test) => {
  const { stt } = await arrange(test, { settings: { model: 'gpt-4o-transcribe' } });
  const heard = await stt.transcribe(spoken([1, 0, 2]), PORTUGUESE, live());
  test.ok(Math.abs((heard.confidence ?? 0) - 0.9) < 0.001);
  test.same(
    heard.usage?.map(({ unit, of, quantity }) => [unit, of, quantity]),
    [
      ['token', 'audio_in', 15],
      ['token', 'text_in', 2],
      ['token', 'text_out', 2],
    ],
  );
  const settings = { model: 'gpt-4o-transcribe-diarize' };
  const diarized = await arrange(test, { settings });
  const options = { ...PORTUGUESE, keyterms: ['Dipirona'], previousText: 'oi', diarize: true };
  test.match(await diarized.stt.transcribe(spoken([1, 0, 2]), options, live()), {
    speakerScope: 'request',
    words: [
      { text: 'p1', speaker: 'A' },
      { text: 'p2', speaker: 'B' },
    ],
  });
  test.equal((await formOf(diarized.emulator)).get('chunking_strategy'), 'auto');
});

t.test('capabilities are the model’s', async (test) => {
  const { capabilities } = openAiStt;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the model');
  test.match(capabilities({}), { words: false, diarization: false, keyterms: { max: 100 }, region: 'us' });
  test.match(capabilities({ model: 'whisper-1' }), { words: true, keyterms: { max: 30 } });
  test.match(capabilities({ model: 'gpt-4o-transcribe-diarize' }), { diarization: true, keyterms: undefined });
  test.equal(capabilities({ baseUrl: 'https://eu.api.openai.com/v1' }).region, 'eu');
});

t.test('silence is an answer: empty text, no confidence', async (test) => {
  const { stt } = await arrange(test, { settings: { model: 'whisper-1' } });
  const heard = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
  test.match(heard, { text: '', confidence: undefined, noSpeechProbability: 0.9 });
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorCode: 'invalid_api_key' }],
  [{ kind: 'quota' }, { code: 'quota', retryable: false, vendorCode: 'insufficient_quota' }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', retryAfterMs: 7000 },
  ],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined }],
  [{ kind: 'server_error' }, { code: 'server', retryable: true, requestId: /^req-/ }],
  [{ kind: 'status', status: 413, body: '{"error":{"message":"too large"}}' }, { code: 'invalid_request' }],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
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
  t.test(`${JSON.stringify(fault)}: one attempt, one typed error, nothing secret`, async (test) => {
    const { emulator, log, stt } = await arrange(test);
    await emulator.setFault(fault);
    const error = await failureOf(test, stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms: ['Viagra'] }, live()));
    test.match(error, expected);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
    noLeak(test, error, log, [EMULATOR_KEY, 'Viagra', 'p1']);
  });
}

t.test('an abort ends a silent request, a half-open one and a dripping body, as aborted', async (test) => {
  const { emulator, stt } = await arrange(test);
  for (const fault of [{ kind: 'silence' }, { kind: 'half_open' }, { kind: 'drip', everyMs: 20 }] as const) {
    await emulator.setFault(fault);
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
    await asked;
    abort.abort();
    test.match(await call, { code: 'aborted', blame: 'caller', retryable: false }, fault.kind);
  }
});

t.test('probe: the key by the list of models, the model by its name', async (test) => {
  const right = await arrange(test);
  await right.probe();
  test.equal(right.emulator.requests[0]?.path, '/v1/models');
  const wrong = await arrange(test, { apiKey: 'chave-errada' });
  test.equal((await failureOf(test, wrong.probe())).code, 'auth');
  const retired = await arrange(test, { settings: { model: 'gpt-4o' } });
  test.match(await failureOf(test, retired.probe()), { code: 'invalid_request', blame: 'config' });
  test.equal(retired.emulator.requests.length, 0);
});
