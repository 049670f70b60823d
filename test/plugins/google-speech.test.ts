import t, { type Test } from 'tap';
import type { Settings, SttOptions } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/google-speech/config.ts';
import { googleSpeechStt } from '../../plugins/google-speech/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { startGoogleSpeech } from '../emulators/google-speech.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE: SttOptions = { language: 'pt-BR' };

async function arrange(test: Test, given: { apiKey?: string; settings?: Settings; maxBodyBytes?: number } = {}) {
  const emulator = await startGoogleSpeech({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const stt = await googleSpeechStt.create({ apiKey }, settings, ctx);
  const probe = async () => googleSpeechStt.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, stt, probe };
}

function configSent(emulator: Emulator): Record<string, unknown> {
  return JSON.parse(emulator.requests[0]?.body.toString() ?? '{}').config;
}

t.test('transcribes one utterance with words, times, confidence, language and what was billed', async (test) => {
  const { emulator, stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([1, 0, 2, 3]), PORTUGUESE, live());
  test.match(transcript, {
    text: 'p1 p2 p3',
    language: 'pt-BR',
    model: 'latest_short',
    speakerScope: undefined,
    words: [
      { text: 'p1', startMs: 0, endMs: 500, confidence: 0.9, speaker: undefined },
      { text: 'p2', startMs: 1000, endMs: 1500 },
      { text: 'p3', startMs: 1500, endMs: 2000 },
    ],
    usage: [{ unit: 'second', quantity: 15, of: 'audio_in', model: 'latest_short' }],
  });
  test.equal(transcript.words?.length, 3);
  test.ok(Math.abs((transcript.confidence ?? 0) - 0.9) < 0.001);
  test.equal(transcript.requestId, '4000001');
  test.equal(emulator.requests.length, 1);
});

t.test('with speakers the last result repeats all words, and each is told once', async (test) => {
  const { stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([1, 2, 3]), { ...PORTUGUESE, diarize: true }, live());
  test.equal(transcript.text, 'p1 p2 p3');
  test.equal(transcript.speakerScope, 'request');
  test.same(
    transcript.words?.map(({ text, speaker }) => [text, speaker]),
    [
      ['p1', '1'],
      ['p2', '1'],
      ['p3', '1'],
    ],
  );
});

t.test('sends the samples as they are, the language, and key terms within the bounds', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { model: 'latest_long' } });
  const keyterms = ['x'.repeat(101), '$MONTH', ...Array.from({ length: 1010 }, (_, index) => `termo ${index}`)];
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms, diarize: true }, live());
  const { speechContexts, ...config } = configSent(emulator) as { speechContexts: { phrases: string[] }[] };
  test.match(config, {
    encoding: 'LINEAR16',
    sampleRateHertz: 16_000,
    languageCode: 'pt-BR',
    model: 'latest_long',
    profanityFilter: false,
    enableAutomaticPunctuation: true,
    diarizationConfig: { enableSpeakerDiarization: true, minSpeakerCount: 1 },
  });
  test.equal(speechContexts[0]?.phrases.length, 1000);
  test.equal(speechContexts[0]?.phrases[0], 'termo 0');
  const { content } = JSON.parse(emulator.requests[0]?.body.toString() ?? '{}').audio;
  test.same(new Int16Array(new Uint8Array(Buffer.from(content, 'base64')).buffer), spoken([1]).pcm);
});

t.test(
  'audio goes at its own rate; what a synchronous request cannot hold is refused before it is sent',
  async (test) => {
    const { emulator, stt } = await arrange(test);
    const pcm = new Int16Array(8000).fill(200, 4000);
    const transcript = await stt.transcribe({ pcm, sampleRateHz: 8000 }, PORTUGUESE, live());
    test.match(transcript.words, [{ text: 'p2', startMs: 500, endMs: 1000 }]);
    for (const [samples, sampleRateHz] of [
      [60 * 16_000 + 1, 16_000],
      [8000, 44_100],
    ] as const) {
      const audio = { pcm: new Int16Array(samples), sampleRateHz };
      test.match(await failureOf(test, stt.transcribe(audio, PORTUGUESE, live())), {
        code: 'unsupported',
        blame: 'core',
      });
    }
    test.equal(emulator.requests.length, 1);
  },
);

for (const body of [undefined, '{}', '{"results":[]}', '{"results":[{"alternatives":[{}]}]}']) {
  t.test(`silence is an answer: empty text, no error (${body ?? 'as documented'})`, async (test) => {
    const { emulator, stt } = await arrange(test);
    if (body !== undefined) await emulator.setFault({ kind: 'status', status: 200, body });
    const transcript = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
    test.equal(transcript.text, '');
    test.same(transcript.words, []);
    test.equal(transcript.confidence, undefined);
    test.equal(transcript.usage?.[0]?.quantity, body === undefined ? 15 : 1);
  });
}

function refused(status: number, error: Record<string, unknown>): Fault {
  return { kind: 'status', status, body: JSON.stringify({ error }) };
}

const INFO = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo' };
const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' };

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorCode: 'API_KEY_INVALID' }],
  [{ kind: 'quota' }, { code: 'quota', blame: 'config', retryable: false, vendorCode: 'BILLING_DISABLED' }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'rate', retryAfterMs: undefined }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', retryAfterMs: 7000, retryable: true },
  ],
  [
    refused(429, { status: 'RESOURCE_EXHAUSTED', details: [RETRY] }),
    { code: 'rate_limited', retryAfterMs: 1500, vendorCode: 'RESOURCE_EXHAUSTED' },
  ],
  [
    refused(429, { details: [{ ...INFO, reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'AudioPerDay' } }] }),
    { code: 'quota' },
  ],
  [
    refused(403, { details: [{ ...INFO, reason: 'SERVICE_DISABLED' }] }),
    { code: 'auth', vendorCode: 'SERVICE_DISABLED' },
  ],
  [refused(503, { status: 'UNAVAILABLE' }), { code: 'server', retryable: true }],
  [refused(400, { status: 'DEADLINE_EXCEEDED' }), { code: 'timeout' }],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true, vendorCode: 'INTERNAL' }],
  [{ kind: 'status', status: 504, body: '<html>' }, { code: 'timeout' }],
  [
    refused(400, { status: 'INVALID_ARGUMENT', message: `key ${EMULATOR_KEY}` }),
    { code: 'invalid_request', blame: 'core', vendorCode: 'INVALID_ARGUMENT', vendorMessage: 'key ***' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'status', status: 200, body: '[]' }, { code: 'protocol' }],
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

t.test('probe names the default model when the vendor does not know the configured one', async (test) => {
  const { emulator, probe } = await arrange(test, { settings: { model: 'chirp_9' } });
  const error = await failureOf(test, probe());
  test.match(error, { code: 'invalid_request', blame: 'config', retryable: false, message: /chirp_9.*latest_short/ });
  const { audio } = JSON.parse(emulator.requests[0]?.body.toString() ?? '{}');
  test.ok(
    Buffer.from(audio.content, 'base64').every((byte) => byte === 0),
    'silence: nobody’s voice',
  );
});

t.test('the region is where requests go and where data is said to be processed', async (test) => {
  const asked: string[] = [];
  const ctx = contextFor(test, vendor, {});
  const fetch = async (input: Parameters<typeof globalThis.fetch>[0]) => {
    asked.push(new URL(String(input)).host);
    return new Response('{}');
  };
  for (const region of ['global', 'us', 'eu']) {
    await googleSpeechStt.probe?.({ apiKey: 'k' }, { region }, { ...ctx, fetch });
  }
  test.same(asked, ['speech.googleapis.com', 'us-speech.googleapis.com', 'eu-speech.googleapis.com']);
  test.ok(asked.every((host) => vendor.hosts?.includes(host)));
  const { capabilities } = googleSpeechStt;
  if (typeof capabilities !== 'function') return test.fail('capabilities depend on the region');
  test.equal(capabilities({ region: 'eu' }).region, 'eu');
  test.throws(() => capabilities({ region: 'br' }), { code: 'invalid_request', blame: 'config', message: /region/ });
});
