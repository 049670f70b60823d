import t, { type Test } from 'tap';
import type { Settings, Tts, TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/azure-speech/config.ts';
import { ssmlOf } from '../../plugins/azure-speech/ssml.ts';
import { azureSpeechTts } from '../../plugins/azure-speech/tts.ts';
import { startAzureSpeech } from '../emulators/azure-speech.ts';
import type { Fault } from '../emulators/faults.ts';
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
  const emulator = await startAzureSpeech();
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given.settings };
  const log = keptLog();
  const bound = given.maxBodyBytes === undefined ? {} : { maxBodyBytes: given.maxBodyBytes };
  const ctx = contextFor(test, vendor, settings, { log, ...bound });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const tts = await azureSpeechTts.create({ apiKey }, settings, ctx);
  const probe = async () => azureSpeechTts.probe?.({ apiKey }, settings, ctx);
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
  const { audio, others, pieces } = await say(tts, HELLO);
  test.equal(audio.length, 8 * 0.06 * 16_000 * 2);
  test.ok(
    pieces.every((piece) => piece.length % 2 === 0),
    'whole samples',
  );
  const usage = [{ unit: 'character', quantity: 8, of: 'text_in', model: 'pt-BR-FranciscaNeural' }];
  test.same(others, [{ type: 'usage', usage }]);
  test.equal(emulator.requests.length, 1);
  test.match(emulator.requests[0]?.headers, {
    'content-type': 'application/ssml+xml',
    'x-microsoft-outputformat': 'raw-16khz-16bit-mono-pcm',
    'user-agent': 'balto',
  });
});

t.test('every encoding it states is asked for by the name the vendor knows', async (test) => {
  const { emulator, tts } = await arrange(test);
  const wanted = [
    ['pcm_s16le', 8000, 'raw-8khz-16bit-mono-pcm'],
    ['pcm_s16le', 24_000, 'raw-24khz-16bit-mono-pcm'],
    ['mulaw', 8000, 'raw-8khz-8bit-mono-mulaw'],
    ['alaw', 8000, 'raw-8khz-8bit-mono-alaw'],
    ['mp3', 24_000, 'audio-24khz-96kbitrate-mono-mp3'],
    ['opus', 16_000, 'ogg-16khz-16bit-mono-opus'],
  ] as const;
  for (const [encoding, sampleRateHz, format] of wanted) {
    const { audio } = await say(tts, { ...HELLO, encoding, sampleRateHz });
    test.ok(audio.length > 100, format);
    test.equal(emulator.requests.at(-1)?.headers['x-microsoft-outputformat'], format);
  }
  const error = await failureOf(test, say(tts, { ...HELLO, encoding: 'mulaw', sampleRateHz: 24_000 }));
  test.match(error, { code: 'unsupported', blame: 'core' });
  test.equal(emulator.requests.length, wanted.length);
});

t.test('a text, a voice and a language cannot break out of the document', async (test) => {
  const text = `R$ 5 & "troco" <break/> d'água ]]> \u0000\u0008\uFFFE\u{1F48A}\uD800 fim`;
  test.equal(
    ssmlOf(text, `a"><b'`, 'pt-BR"'),
    '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="pt-BR&quot;">' +
      '<voice name="a&quot;&gt;&lt;b&apos;">' +
      'R$ 5 &amp; &quot;troco&quot; &lt;break/&gt; d&apos;água ]]&gt; \u{1F48A} fim</voice></speak>',
  );
  const { tts } = await arrange(test);
  test.ok((await say(tts, { ...HELLO, text })).audio.length > 0, 'the emulator takes well-formed documents only');
});

t.test('an empty text is the caller’s fault, and costs no request', async (test) => {
  const { emulator, tts } = await arrange(test);
  test.match(await failureOf(test, say(tts, { ...HELLO, text: ' \n' })), { code: 'empty', blame: 'caller' });
  test.equal(emulator.requests.length, 0);
});

t.test(
  'an asked voice goes before the configured one; one that speaks another language gives no audio',
  async (test) => {
    const { tts } = await arrange(test, { settings: { model: 'pt-BR-AntonioNeural' } });
    test.match((await say(tts, HELLO)).others, [{ usage: [{ model: 'pt-BR-AntonioNeural' }] }]);
    const error = await failureOf(test, say(tts, { ...HELLO, voice: 'en-US-AvaNeural' }));
    test.match(error, { code: 'output', blame: 'vendor' });
  },
);

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

t.test('who stops listening lets go of the connection', async (test) => {
  const { emulator, tts } = await arrange(test);
  await emulator.setFault({ kind: 'drip', everyMs: 1 });
  for await (const event of tts.synthesize(HELLO, live())) {
    test.equal(event.type, 'audio');
    break;
  }
  await emulator.idle();
});

t.test('probe proves the key and the voice', async (test) => {
  await (await arrange(test)).probe();
  const wrongKey = await arrange(test, { apiKey: 'chave-errada' });
  test.equal((await failureOf(test, wrongKey.probe())).code, 'auth');
  const wrongVoice = await arrange(test, { settings: { model: 'pt-BR-NinguemNeural' } });
  test.match(await failureOf(test, wrongVoice.probe()), {
    code: 'invalid_request',
    blame: 'config',
    message: /pt-BR-FranciscaNeural/,
  });
  const retired = await arrange(test, { settings: { model: 'pt-BR-Daniel' } });
  test.match(await failureOf(test, retired.probe()), {
    code: 'invalid_request',
    blame: 'config',
    message: /pt-BR-AntonioNeural/,
  });
  test.equal(retired.emulator.requests.length, 0);
});
