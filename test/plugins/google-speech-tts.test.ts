import t, { type Test } from 'tap';
import type { Settings, Tts, TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/google-speech/config.ts';
import { googleSpeechTts } from '../../plugins/google-speech/tts.ts';
import { withoutWavHeader } from '../../plugins/google-speech/wav.ts';
import type { Fault } from '../emulators/faults.ts';
import { startGoogleSpeech } from '../emulators/google-speech.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak } from '../helpers/provider.ts';

const HELLO: TtsRequest = {
  text: 'Bom dia!',
  voice: '',
  language: 'pt-BR',
  encoding: 'pcm_s16le',
  sampleRateHz: 16_000,
};

async function arrange(test: Test, given: { apiKey?: string; settings?: Settings; maxBodyBytes?: number } = {}) {
  const emulator = await startGoogleSpeech();
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const tts = await googleSpeechTts.create({ apiKey }, settings, ctx);
  const probe = async () => googleSpeechTts.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, tts, probe };
}

async function say(tts: Tts, request: TtsRequest, signal: AbortSignal = live()) {
  const pieces: Uint8Array[] = [];
  const others: TtsEvent[] = [];
  for await (const event of tts.synthesize(request, signal)) {
    if (event.type === 'audio') pieces.push(event.bytes);
    else others.push(event);
  }
  return { pieces, others, audio: Buffer.concat(pieces) };
}

t.test('says a text in the default voice of Brazil, and reports its characters', async (test) => {
  const { emulator, tts } = await arrange(test);
  const { audio, others } = await say(tts, HELLO);
  test.equal(audio.length, 8 * 0.06 * 16_000 * 2, 'samples only: no header');
  test.same([...audio.subarray(0, 4)], [0x40, 0x03, 0x20, 0xfc]);
  const usage = [{ unit: 'character', quantity: 8, of: 'text_in', model: 'pt-BR-Neural2-A' }];
  test.same(others, [{ type: 'usage', usage }]);
  test.equal(emulator.requests.length, 1);
  test.same(JSON.parse(emulator.requests[0]?.body.toString() ?? ''), {
    input: { text: 'Bom dia!' },
    voice: { languageCode: 'pt-BR', name: 'pt-BR-Neural2-A' },
    audioConfig: { audioEncoding: 'LINEAR16', sampleRateHertz: 16_000 },
  });
});

t.test('every encoding it states, and companded samples come without a header too', async (test) => {
  const { emulator, tts } = await arrange(test);
  const wanted = [
    ['pcm_s16le', 'LINEAR16', 0x40, 7680],
    ['mulaw', 'MULAW', 0x7e, 3840],
    ['alaw', 'ALAW', 0x55, 3840],
    ['mp3', 'MP3', 0xff, 484],
    ['opus', 'OGG_OPUS', 0x4f, 484],
  ] as const;
  for (const [encoding, name, first, length] of wanted) {
    const { audio } = await say(tts, { ...HELLO, encoding, sampleRateHz: 8000 });
    test.equal(audio[0], first, name);
    test.equal(audio.length, length, name);
    test.match(JSON.parse(emulator.requests.at(-1)?.body.toString() ?? ''), { audioConfig: { audioEncoding: name } });
  }
});

t.test('what the vendor would refuse is refused here: other rates, texts over 1,500 letters', async (test) => {
  const { emulator, tts } = await arrange(test);
  const rate = await failureOf(test, say(tts, { ...HELLO, sampleRateHz: 44_100 }));
  test.match(rate, { code: 'unsupported', blame: 'core' });
  const long = await failureOf(test, say(tts, { ...HELLO, text: 'a'.repeat(1501) }));
  test.match(long, { code: 'invalid_request', blame: 'core' });
  test.equal(emulator.requests.length, 0);
});

t.test('the header of a WAV file goes, wherever its samples stand', (test) => {
  const chunk = (name: string, data: number[], length = data.length) => {
    const head = Buffer.alloc(8);
    head.write(name);
    head.writeUInt32LE(length, 4);
    return Buffer.concat([head, Buffer.from(data), Buffer.alloc(data.length % 2)]);
  };
  const file = (...chunks: Buffer[]) => Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), ...chunks]);
  const fmt = chunk('fmt ', new Array(16).fill(1));
  test.same([...withoutWavHeader(file(fmt, chunk('data', [5, 6, 7, 8])))], [5, 6, 7, 8]);
  test.same([...withoutWavHeader(file(fmt, chunk('LIST', [9, 9, 9]), chunk('data', [5, 6]), chunk('x', [1])))], [5, 6]);
  test.same([...withoutWavHeader(file(fmt, chunk('data', [5, 6], 0xffffffff)))], [5, 6], 'written before its audio');
  test.same([...withoutWavHeader(file(fmt))], []);
  test.same([...withoutWavHeader(file(chunk('odd', [], 0xfffffff0)))], []);
  test.same([...withoutWavHeader(Buffer.from('RIFF'))], [...Buffer.from('RIFF')], 'no such file: as it is');
  const shifted = new Uint8Array(file(fmt, chunk('data', [5, 6]))).subarray(0);
  test.same([...withoutWavHeader(Buffer.concat([Buffer.from('ab'), shifted]).subarray(2))], [5, 6]);
  test.end();
});

t.test('an empty text is the caller’s fault, and costs no request', async (test) => {
  const { emulator, tts } = await arrange(test);
  test.match(await failureOf(test, say(tts, { ...HELLO, text: ' \n' })), { code: 'empty', blame: 'caller' });
  test.equal(emulator.requests.length, 0);
});

t.test('an asked voice goes before the configured one; an answer without audio is none', async (test) => {
  const { emulator, tts } = await arrange(test, { settings: { model: 'pt-BR-Wavenet-A' } });
  test.match((await say(tts, HELLO)).others, [{ usage: [{ model: 'pt-BR-Wavenet-A' }] }]);
  test.match((await say(tts, { ...HELLO, voice: 'pt-BR-Neural2-C' })).others, [
    { usage: [{ model: 'pt-BR-Neural2-C' }] },
  ]);
  await emulator.setFault({ kind: 'status', status: 200, body: '{"audioContent":""}' });
  test.match(await failureOf(test, say(tts, HELLO)), { code: 'output', blame: 'vendor' });
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false }],
  [{ kind: 'quota' }, { code: 'quota' }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', retryAfterMs: 7000, scope: 'rate' },
  ],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true }],
  [{ kind: 'status', status: 400, body: '' }, { code: 'invalid_request' }],
  [{ kind: 'status', status: 502, body: '<html>' }, { code: 'server' }],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
  [{ kind: 'huge', bytes: 3_000_000 }, { code: 'protocol' }],
];

for (const [fault, expected] of FAULTS) {
  t.test(`${JSON.stringify(fault)}: one attempt, one typed error, no key and no text`, async (test) => {
    const { emulator, log, tts } = await arrange(test);
    await emulator.setFault(fault);
    const error = await failureOf(test, say(tts, { ...HELLO, text: 'segredo da cliente' }));
    test.match(error, expected);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
    noLeak(test, error, log, [EMULATOR_KEY, 'segredo da cliente']);
  });
}

t.test('audio without end stops at the bound', async (test) => {
  const { tts } = await arrange(test, { maxBodyBytes: 10_000 });
  test.match(await failureOf(test, say(tts, HELLO)), { code: 'protocol', message: /maior que/ });
});

t.test('an abort ends the request before the answer, and the audio in the middle', async (test) => {
  const { emulator, tts } = await arrange(test);
  for (const fault of [{ kind: 'silence' }, { kind: 'half_open' }] as const) {
    await emulator.setFault(fault);
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const call = failureOf(test, say(tts, HELLO, abort.signal));
    await asked;
    abort.abort();
    test.match(await call, { code: 'aborted', blame: 'caller' });
  }
});

t.test('probe proves the key and the voice', async (test) => {
  await (await arrange(test)).probe();
  const wrongKey = await arrange(test, { apiKey: 'chave-errada' });
  test.equal((await failureOf(test, wrongKey.probe())).code, 'auth');
  const wrongVoice = await arrange(test, { settings: { model: 'pt-BR-Ninguem-A' } });
  test.match(await failureOf(test, wrongVoice.probe()), {
    code: 'invalid_request',
    blame: 'config',
    message: /pt-BR-Neural2-A/,
  });
  const foreign = await arrange(test, { settings: { model: 'fr-FR-Neural2-A' } });
  test.match(await failureOf(test, foreign.probe()), { code: 'invalid_request' });
  test.equal(foreign.emulator.requests[0]?.query.get('languageCode'), 'fr-FR');
});
