import t, { type Test } from 'tap';
import type { Clock, Settings } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/gladia/config.ts';
import gladia from '../../plugins/gladia/index.ts';
import { gladiaStt } from '../../plugins/gladia/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { startGladia } from '../emulators/gladia.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { readWav } from '../emulators/wav.ts';
import { contextFor, failureOf, fastClock, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { registered } from '../helpers/registered.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE = { language: 'pt-BR' };

interface Given {
  apiKey?: string;
  settings?: Settings;
  pendingPolls?: number;
  clock?: Clock;
}

async function arrange(test: Test, given: Given = {}) {
  const emulator = await startGladia({ listening: wordListening, pendingPolls: given.pendingPolls ?? 0 });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const clock = given.clock === undefined ? {} : { clock: given.clock };
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000, ...clock });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await gladiaStt.create({ apiKey }, settings, ctx);
  const probe = async () => gladiaStt.probe?.({ apiKey }, settings, ctx);
  const asked = () => emulator.requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, ':id')}`);
  /** Resolves when so many requests have come in. */
  const until = async (count: number) => {
    for (let left = count; left > 0; left--) await emulator.nextRequest();
  };
  return { emulator, log, stt, probe, asked, until };
}

t.test('uploads, starts a job, asks for it until it is done, and deletes it', async (test) => {
  const { asked, log, stt } = await arrange(test, { pendingPolls: 2, clock: fastClock(20) });
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { ...PORTUGUESE, diarize: true }, live());
  test.match(transcript, {
    text: 'p1 p2',
    language: 'pt',
    model: 'solaria-1',
    speakerScope: 'request',
    requestId: /^G-/,
    words: [
      { text: 'p1', startMs: 0, endMs: 500, confidence: 0.9, speaker: '0' },
      { text: 'p2', startMs: 1000, endMs: 1500 },
    ],
    usage: [{ unit: 'second', quantity: 1.5, of: 'audio_in', model: 'solaria-1' }],
  });
  test.same(
    transcript.words?.map(({ text }) => text),
    ['p1', 'p2'],
    'without the spaces the vendor puts before them',
  );
  test.ok(Math.abs((transcript.confidence ?? 0) - 0.9) < 0.001);
  await stt.close?.();
  const job = 'GET /v2/pre-recorded/:id';
  test.same(asked(), ['POST /v2/upload', 'POST /v2/pre-recorded', job, job, job, 'DELETE /v2/pre-recorded/:id']);
  test.same(log.lines, []);
});

t.test('sends a WAV file, the language, the model and the vocabulary', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { retainData: true } });
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms: ['Dipirona', 'Dorflex'] }, live());
  const [upload, job] = emulator.requests;
  const headers = { 'content-type': upload?.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(upload?.body ?? []), { headers }).formData();
  test.same(readWav(new Uint8Array(await (form.get('audio') as Blob).arrayBuffer())), spoken([1]));
  test.match(JSON.parse(job?.body.toString() ?? ''), {
    audio_url: /file/,
    model: 'solaria-1',
    language_config: { languages: ['pt'], code_switching: false },
    diarization: false,
    custom_vocabulary: true,
    custom_vocabulary_config: { vocabulary: ['Dipirona', 'Dorflex'] },
  });
  test.notOk(
    emulator.requests.some(({ method }) => method === 'DELETE'),
    'kept where the operator says so',
  );
});

t.test('silence is an answer; no label, language or confidence is made up', async (test) => {
  const { stt } = await arrange(test);
  const silence = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
  test.match(silence, { text: '', words: [], language: undefined, confidence: undefined, speakerScope: undefined });
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', blame: 'config', retryable: false }],
  [{ kind: 'status', status: 403, body: '{"message":"forbidden"}' }, { code: 'auth' }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', scope: 'rate', retryAfterMs: 7000, retryable: true },
  ],
  [
    { kind: 'status', status: 429, body: '{"message":"Maximum concurrent jobs reached","request_id":"G-1"}' },
    { code: 'rate_limited', scope: 'concurrency', retryAfterMs: undefined, requestId: 'G-1' },
  ],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true }],
  [{ kind: 'status', status: 504, body: '<html>' }, { code: 'timeout' }],
  [
    { kind: 'status', status: 422, body: `{"message":"bad ${EMULATOR_KEY}"}` },
    { code: 'invalid_request', blame: 'core', vendorMessage: 'bad ***' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'status', status: 200, body: '{"status":"done","id":"x","audio_url":"y"}' }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
  [
    { kind: 'huge', bytes: 3_000_000 },
    { code: 'protocol', message: /maior que/ },
  ],
];

for (const [fault, expected] of FAULTS) {
  t.test(`${JSON.stringify(fault)} at any step: no second try, one typed error, no key`, async (test) => {
    const isForTheLast = fault.kind === 'status' && fault.status === 200;
    for (const steps of isForTheLast ? [2] : fault.kind === 'refuse' ? [0] : [0, 1, 2]) {
      const { emulator, log, stt, until } = await arrange(test);
      const before = until(steps);
      if (steps === 0) await emulator.setFault(fault);
      const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()));
      if (steps > 0) await before.then(() => emulator.setFault(fault));
      const error = await call;
      test.match(error, expected);
      test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : steps + 1);
      noLeak(test, error, log, [EMULATOR_KEY, 'p1']);
    }
  });
}

t.test('a job that fails says so with an HTTP status of its own', async (test) => {
  const { emulator, stt, until } = await arrange(test);
  await emulator.setFault({ kind: 'error_frame' });
  const call = () => failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()));
  test.match(await call(), { code: 'server', vendorCode: '500', requestId: /^G-/, retryable: true });
  await emulator.setFault(null);
  const submitted = until(2);
  const later = call();
  await submitted;
  await emulator.setFault({ kind: 'status', status: 200, body: '{"status":"error","error_code":400}' });
  test.match(await later, { code: 'invalid_request', vendorCode: '400', retryable: false });
});

t.test('an abort ends every step at once, the wait between two questions too', async (test) => {
  for (const [steps, fault] of [
    [1, { kind: 'silence' }],
    [2, { kind: 'silence' }],
    [3, { kind: 'silence' }],
    [3, { kind: 'stall', afterAudioMs: 0 }],
  ] as [number, Fault][]) {
    const { emulator, stt, until } = await arrange(test);
    const abort = new AbortController();
    const asked = until(steps);
    if (steps === 1) await emulator.setFault(fault);
    else void until(steps - 1).then(() => emulator.setFault(fault));
    const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
    await asked;
    abort.abort();
    test.match(await call, { code: 'aborted', blame: 'caller', retryable: false }, `${steps} ${fault.kind}`);
    test.equal(emulator.requests.length, steps);
  }
});

t.test('a wrong key is refused by probe and by transcribe; a right one passes, without data', async (test) => {
  const { log, stt, probe } = await arrange(test, { apiKey: 'chave-errada' });
  for (const call of [probe, () => stt.transcribe(spoken([1]), PORTUGUESE, live())]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    noLeak(test, error, log, ['chave-errada']);
  }
  const right = await arrange(test);
  await right.probe();
  test.equal(right.emulator.requests[0]?.query.get('status'), 'error');
});

t.test('registers, with keys and settings from the environment; a model without Portuguese says so', async (test) => {
  const registry = await registered(test, gladia);
  const { provider, vendor: registeredVendor } = registry.resolve('stt/gladia');
  const env = { GLADIA_API_KEY: 'um, dois', GLADIA_MAX_CONCURRENT: '3' };
  test.same(registry.credentialsFromEnv(registeredVendor, env), [{ apiKey: 'um' }, { apiKey: 'dois' }]);
  test.match(registry.settingsFromEnv(provider, env), { model: 'solaria-1', maxConcurrent: 3, retainData: false });
  test.throws(() => registry.settingsFromEnv(provider, { GLADIA_BASE_URL: 'ftp://x' }), {
    code: 'BALTO_CONFIG_INVALID',
  });
  const { capabilities } = gladiaStt;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the model');
  test.ok(capabilities({}).languages.includes('pt'));
  test.notOk(capabilities({ model: 'solaria-3' }).languages.includes('pt'));
});
