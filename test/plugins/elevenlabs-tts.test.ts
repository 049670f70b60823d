import t, { type Test } from 'tap';
import type { TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsTts } from '../../plugins/elevenlabs/tts.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { CHARACTER_MS } from '../emulators/tone.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';
import { arrangeVoice, speak } from '../helpers/tts.ts';
import { wordListening } from '../helpers/word-listening.ts';

const HELLO: TtsRequest = {
  text: 'Bom dia, ação!',
  voice: 'voz-1',
  language: 'pt-BR',
  encoding: 'pcm_s16le',
  sampleRateHz: 16_000,
};

const voice = { vendor, provider: elevenLabsTts, start: () => startElevenLabs({ listening: wordListening }) };
const arrange = (test: Test, given: Parameters<typeof arrangeVoice>[2] = {}) => arrangeVoice(test, voice, given);

t.test('says a text, in whole samples, and reports its characters', async (test) => {
  const { emulator, tts } = await arrange(test, { settings: { retainData: false } });
  const { audio, pieces, others } = await speak(tts, HELLO);
  test.equal(audio.length, (14 * CHARACTER_MS * 16_000 * 2) / 1000);
  test.ok(pieces.every((piece) => piece.length % 2 === 0));
  const usage = [{ unit: 'character', quantity: 14, of: 'text_in', model: 'eleven_flash_v2_5' }];
  test.same(others, [{ type: 'usage', usage }]);
  const [request] = emulator.requests;
  test.equal(request?.path, '/v1/text-to-speech/voz-1/stream');
  test.same(Object.fromEntries(request?.query ?? []), { output_format: 'pcm_16000', enable_logging: 'false' });
  test.same(JSON.parse(String(request?.body)), {
    text: HELLO.text,
    model_id: 'eleven_flash_v2_5',
    language_code: 'pt',
  });
});

t.test(
  'the language goes only to a model that takes it; the voice is the configured one unless asked',
  async (test) => {
    const { emulator, tts } = await arrange(test, { settings: { model: 'eleven_multilingual_v2', voice: 'padrao' } });
    await speak(tts, { ...HELLO, voice: '' });
    test.equal(emulator.requests[0]?.path, '/v1/text-to-speech/padrao/stream');
    test.same(JSON.parse(String(emulator.requests[0]?.body)), { text: HELLO.text, model_id: 'eleven_multilingual_v2' });
  },
);

t.test('every encoding it states is asked for by the name the vendor knows', async (test) => {
  const { emulator, tts } = await arrange(test);
  const wanted = [
    ['pcm_s16le', 24_000, 'pcm_24000'],
    ['mulaw', 8000, 'ulaw_8000'],
    ['alaw', 8000, 'alaw_8000'],
    ['mp3', 44_100, 'mp3_44100_128'],
    ['opus', 48_000, 'opus_48000_64'],
  ] as const;
  for (const [encoding, sampleRateHz, format] of wanted) {
    const { audio } = await speak(tts, { ...HELLO, encoding, sampleRateHz });
    test.ok(audio.length > 100, format);
    test.equal(emulator.requests.at(-1)?.query.get('output_format'), format);
  }
  const refused = [
    { ...HELLO, encoding: 'mulaw', sampleRateHz: 16_000 },
    { ...HELLO, text: 'a'.repeat(2401) },
    { ...HELLO, text: ' ' },
  ] as const;
  const codes = ['unsupported', 'invalid_request', 'empty'];
  for (const [index, request] of refused.entries()) {
    test.equal((await failureOf(test, speak(tts, request))).code, codes[index]);
  }
  test.equal(emulator.requests.length, wanted.length, 'refused before anything is sent');
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', vendorCode: 'invalid_api_key' }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'quota_exceeded' }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', scope: 'concurrency', retryAfterMs: 7000 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true }],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'huge', bytes: 3_000_000 }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
];

for (const [fault, expected] of FAULTS) {
  t.test(`${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, tts } = await arrange(test, { maxBodyBytes: 1_000_000 });
    await emulator.setFault(fault);
    const error = await failureOf(test, speak(tts, HELLO));
    test.match(error, expected);
    noLeak(test, error, log, [EMULATOR_KEY, HELLO.text]);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
  });
}

t.test('an answer that is cut is a connection error, and is billed', async (test) => {
  const { emulator, tts } = await arrange(test);
  await emulator.setFault({ kind: 'reset', afterBytes: 4000 });
  const events: TtsEvent[] = [];
  const error = await failureOf(
    test,
    (async () => {
      for await (const event of tts.synthesize(HELLO, live())) events.push(event);
    })(),
  );
  test.match(error, { code: 'connection', retryable: true });
  test.match(events.at(-1), { type: 'usage', usage: [{ quantity: 14 }] });
});

t.test('an abort ends a synthesis; who stops listening frees the connection', async (test) => {
  const { emulator, tts } = await arrange(test);
  for (const kind of ['silence', 'half_open'] as const) {
    await emulator.setFault({ kind });
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const speaking = failureOf(test, speak(tts, HELLO, abort.signal));
    await asked;
    abort.abort();
    test.equal((await speaking).code, 'aborted');
  }
  await emulator.setFault({ kind: 'drip', everyMs: 5 });
  for await (const event of tts.synthesize(HELLO, live())) {
    if (event.type === 'audio') break;
  }
  await emulator.idle();
});

t.test('probe: the key, and a model whose name is out of service', async (test) => {
  await (await arrange(test)).probe();
  test.equal((await failureOf(test, (await arrange(test, { apiKey: 'errada' })).probe())).code, 'auth');
  const { emulator, probe } = await arrange(test, { settings: { model: 'eleven_monolingual_v1' } });
  const expected = { code: 'invalid_request', blame: 'config', message: /eleven_flash_v2_5/ };
  test.match(await failureOf(test, probe()), expected);
  test.equal(emulator.requests.length, 0);
});
