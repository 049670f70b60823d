import t, { type Test } from 'tap';
import type { TtsRequest } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramTts } from '../../plugins/deepgram/tts.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { CHARACTER_MS } from '../emulators/tone.ts';
import { failureOf, live, noLeak } from '../helpers/provider.ts';
import { arrangeVoice, speak } from '../helpers/tts.ts';
import { wordListening } from '../helpers/word-listening.ts';

const HELLO: TtsRequest = {
  text: 'Buenos días',
  voice: '',
  language: 'es-MX',
  encoding: 'pcm_s16le',
  sampleRateHz: 16_000,
};

const voice = { vendor, provider: deepgramTts, start: () => startDeepgram({ listening: wordListening }) };
const arrange = (test: Test, given: Parameters<typeof arrangeVoice>[2] = {}) => arrangeVoice(test, voice, given);

t.test('says a text in a voice of its language, and reports the characters the vendor counted', async (test) => {
  const { emulator, tts } = await arrange(test);
  const { audio, others, pieces } = await speak(tts, HELLO);
  test.equal(audio.length, (11 * CHARACTER_MS * 16_000 * 2) / 1000);
  test.ok(pieces.every((piece) => piece.length % 2 === 0));
  const usage = [{ unit: 'character', quantity: 11, of: 'text_in', model: 'aura-2-celeste-es' }];
  test.same(others, [{ type: 'usage', usage }]);
  const [request] = emulator.requests;
  test.same(Object.fromEntries(request?.query ?? []), {
    model: 'aura-2-celeste-es',
    encoding: 'linear16',
    sample_rate: '16000',
    container: 'none',
    mip_opt_out: 'true',
  });
  test.same(JSON.parse(String(request?.body)), { text: HELLO.text });
  await speak(tts, { ...HELLO, voice: 'aura-2-diana-es' });
  await speak(tts, { ...HELLO, language: 'en-US' });
  test.same(
    emulator.requests.slice(1).map((each) => each.query.get('model')),
    ['aura-2-diana-es', 'aura-2-thalia-en'],
  );
});

t.test('no voice of it speaks Portuguese, and it says so', async (test) => {
  const { emulator, tts } = await arrange(test);
  for (const wrong of ['', 'aura-2-celeste-es']) {
    const error = await failureOf(test, speak(tts, { ...HELLO, voice: wrong, language: 'pt-BR' }));
    test.match(error, { code: 'unsupported', blame: 'config', message: /«pt»/ });
  }
  test.equal(emulator.requests.length, 0);
  const stated = typeof deepgramTts.capabilities === 'function' ? deepgramTts.capabilities({}) : undefined;
  test.notOk(stated?.languages.some((language) => language.startsWith('pt')));
});

t.test('every encoding it states is asked for as the vendor takes it', async (test) => {
  const { emulator, tts } = await arrange(test);
  const wanted = [
    ['pcm_s16le', 48_000, { encoding: 'linear16', sample_rate: '48000', container: 'none' }],
    ['mulaw', 8000, { encoding: 'mulaw', sample_rate: '8000', container: 'none' }],
    ['alaw', 16_000, { encoding: 'alaw', sample_rate: '16000', container: 'none' }],
    ['mp3', 22_050, { encoding: 'mp3', sample_rate: undefined, container: undefined }],
    ['opus', 48_000, { encoding: 'opus', sample_rate: undefined, container: undefined }],
  ] as const;
  for (const [encoding, sampleRateHz, query] of wanted) {
    const { audio } = await speak(tts, { ...HELLO, encoding, sampleRateHz });
    test.ok(audio.length > 100, encoding);
    const sent = Object.fromEntries(emulator.requests.at(-1)?.query ?? []);
    for (const [name, value] of Object.entries(query)) test.equal(sent[name], value, `${encoding} ${name}`);
  }
  const error = await failureOf(test, speak(tts, { ...HELLO, encoding: 'mp3', sampleRateHz: 16_000 }));
  test.match(error, { code: 'unsupported', blame: 'core' });
  test.equal(emulator.requests.length, wanted.length);
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', vendorCode: 'INVALID_AUTH' }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'ASR_PAYMENT_REQUIRED' }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', scope: 'concurrency', retryAfterMs: 7000 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true }],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'huge', bytes: 3_000_000 }, { code: 'protocol' }],
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

t.test('200 without a byte of audio is an answer that is none', async (test) => {
  const { emulator, tts } = await arrange(test);
  await emulator.setFault({ kind: 'status', status: 200, headers: { 'content-type': 'audio/l16' } });
  test.match(await failureOf(test, speak(tts, HELLO)), { code: 'output', blame: 'vendor' });
});

t.test('an abort ends a synthesis', async (test) => {
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
});

t.test('probe: a right key passes, a wrong one does not', async (test) => {
  await (await arrange(test)).probe();
  test.equal((await failureOf(test, (await arrange(test, { apiKey: 'errada' })).probe())).code, 'auth');
  await test.resolves(speak((await arrange(test)).tts, HELLO, live()));
});
