import t, { type Test } from 'tap';
import type { Clock, Settings, SttEvent } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { dones, finals, readTo, say, seconds } from '../helpers/live-stt.ts';
import { contextFor, failureOf, fastClock, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE = { language: 'pt-BR', sampleRateHz: 16_000 };
const MODEL = 'scribe_v2_realtime';

interface Given {
  apiKey?: string;
  settings?: Settings;
  fault?: Fault;
  idleMs?: number;
  clock?: Clock;
}

async function arrange(test: Test, given: Given = {}) {
  const { idleMs = 20_000, fault = null, apiKey = EMULATOR_KEY } = given;
  const emulator = await startElevenLabs({ listening: wordListening, fault, idleMs });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, model: MODEL, ...given.settings };
  const log = keptLog();
  const ctx = contextFor(test, vendor, settings, { log, ...(given.clock ? { clock: given.clock } : {}) });
  const stt = await elevenLabsStt.create({ apiKey }, settings, ctx);
  const open = (signal = live(), options = {}) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open({ ...PORTUGUESE, ...options }, signal);
  };
  return { emulator, log, stt, open };
}

t.test('streams: partials, finals with times of this stream, a done per marker, usage', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  say(stream, [1, 2]);
  stream.finalize(1);
  const first = await readTo(stream, 1);
  test.ok(first.some((event) => event.type === 'partial' && event.text === 'p1'));
  test.match(
    first.find((event) => event.type === 'final'),
    {
      text: 'p1 p2',
      startMs: 0,
      endMs: 1000,
      model: MODEL,
      language: 'pt',
      requestId: 'el-1',
      words: [{ text: 'p1', startMs: 0, endMs: 500 }, { text: 'p2' }],
    },
  );
  test.match(first.at(-1), { type: 'done', marker: 1, throughMs: 1000 });
  say(stream, [3]);
  stream.finalize(2);
  const second = await readTo(stream, 2);
  test.match(
    second.find((event) => event.type === 'final'),
    { text: 'p3', startMs: 1000, endMs: 1500 },
  );
  await stream.close();
  test.same(await readTo(stream), [], 'nothing is left, and the iteration ends without an error');
  test.equal(seconds([...first, ...second]), 1.5);
  test.equal(emulator.requests[0]?.audioBytes, 48_000);
  await emulator.idle();
});

t.test('asks for what the settings and the options say; context goes with the first chunk only', async (test) => {
  const { emulator, open } = await arrange(test, { settings: { retainData: false } });
  const keyterms = ['Dipirona', 'Dorflex', 'x'.repeat(21), 'a b c d e f', '<b>'];
  const previousText = `${'antes '.repeat(20)}bom dia`;
  const stream = await open(live(), { keyterms, previousText });
  say(stream, [1, 2]);
  stream.finalize(1);
  test.same(finals(await readTo(stream, 1)), ['p1 p2']);
  await stream.close();
  const [request] = emulator.requests;
  test.same(request?.query.getAll('keyterms'), ['Dipirona', 'Dorflex']);
  test.match(Object.fromEntries(request?.query ?? []), {
    model_id: MODEL,
    audio_format: 'pcm_16000',
    commit_strategy: 'manual',
    language_code: 'pt',
    include_timestamps: 'true',
    enable_logging: 'false',
  });
  const sent = (request?.messages ?? []).map((text) => JSON.parse(text));
  test.equal(sent[0].previous_text, previousText.slice(-49));
  test.same(
    sent.map((message) => [message.commit, message.sample_rate]),
    [
      [false, 16_000],
      [true, 16_000],
    ],
  );
});

t.test('silence is answered: done without a word; nothing new is answered at once', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  for (const marker of [1, 2]) {
    say(stream, [0, 0]);
    stream.finalize(marker);
  }
  const events = await readTo(stream, 2);
  test.same([finals(events), dones(events)], [[], [1, 2]]);
  say(stream, [1]);
  stream.finalize(3);
  stream.finalize(4);
  const after = await readTo(stream, 4);
  test.same([finals(after), dones(after)], [['p1'], [3, 4]], 'the second asks for what the first asked for');
  stream.finalize(5);
  test.match((await readTo(stream, 5)).at(-1), { marker: 5 });
  await stream.close();
  test.equal(emulator.requests[0]?.messages.filter((text) => JSON.parse(text).commit).length, 3);
});

t.test('a short utterance is filled up to what the vendor commits; its time is not counted', async (test) => {
  const { open } = await arrange(test);
  const stream = await open();
  stream.push(new Int16Array(1600));
  stream.finalize(1);
  const short = await readTo(stream, 1);
  test.match(short.at(-1), { type: 'done', throughMs: 100 });
  test.equal(seconds(short), 0.4, 'the vendor bills the silence it was given');
  stream.push(new Int16Array(1600));
  say(stream, [7]);
  stream.finalize(2);
  // The listener cuts half seconds: 0.4 s and 0.1 s of silence, then the word at 0.5 s of its time, 0.2 s of ours.
  test.match(
    (await readTo(stream, 2)).find((event) => event.type === 'final'),
    { text: 'p7', startMs: 200, endMs: 700 },
  );
  await stream.close();
});

t.test('a long monologue is committed before the vendor would do it by itself', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  const words = Array.from({ length: 80 }, (_, index) => (index % 9) + 1);
  say(stream, words);
  stream.finalize(1);
  const events = await readTo(stream, 1);
  test.same(finals(events).join(' ').split(' ').length, 80);
  test.same([finals(events).length, dones(events)], [2, [1]]);
  await stream.close();
  test.equal(emulator.requests[0]?.messages.filter((text) => JSON.parse(text).commit).length, 2);
});

t.test('answers in another order, twice, or of unknown type change nothing', async (test) => {
  for (const kind of ['out_of_order_finals', 'duplicate_finals', 'unknown_messages'] as const) {
    const { open } = await arrange(test, { fault: { kind } });
    const stream = await open();
    for (const marker of [1, 2]) {
      say(stream, [marker]);
      stream.finalize(marker);
    }
    const events = await readTo(stream, 2);
    const told = events.flatMap((event): (string | number)[] =>
      event.type === 'final' ? [event.text] : event.type === 'done' ? [event.marker] : [],
    );
    test.same(told, ['p1', 1, 'p2', 2], kind);
    await stream.close();
  }
});

t.test('close answers and bills what was pushed, also without finalize', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  say(stream, [1, 2]);
  await stream.close();
  await stream.close();
  const events = await readTo(stream);
  test.same(finals(events), ['p1 p2']);
  test.equal(seconds(events), 1);
  await emulator.idle();
});

const STREAM_FAULTS: [Fault, Record<string, unknown>][] = [
  [
    { kind: 'die', afterAudioMs: 300 },
    { code: 'connection', blame: 'network', retryable: true },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 1011 },
    { code: 'server', vendorCode: '1011' },
  ],
  [{ kind: 'die', afterAudioMs: 300, code: 1008 }, { code: 'invalid_request' }],
  [{ kind: 'die', afterAudioMs: 300, code: 1000, reason: 'quota_exceeded' }, { code: 'quota' }],
  [{ kind: 'die', afterAudioMs: 300, code: 1000 }, { code: 'server' }],
  [
    { kind: 'error_frame', afterAudioMs: 300 },
    { code: 'server', vendorCode: 'transcriber_error', requestId: 'el-1' },
  ],
  [{ kind: 'malformed_frame' }, { code: 'protocol', blame: 'vendor' }],
];

for (const [fault, expected] of STREAM_FAULTS) {
  t.test(`stream, ${JSON.stringify(fault)}: the iteration throws once, typed; the audio is billed`, async (test) => {
    const { emulator, log, open } = await arrange(test, { fault });
    const stream = await open();
    say(stream, [1, 2]);
    stream.finalize(1);
    const events: SttEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    const error = await failureOf(test, reading);
    test.match(error, expected);
    test.equal(seconds(events), 1);
    noLeak(test, error, log, [EMULATOR_KEY, 'p1']);
    test.same(await readTo(stream), [], 'over');
    await stream.close();
    test.equal(emulator.requests.length, 1, 'no reconnect of its own');
  });
}

const OPENING_FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', vendorCode: 'auth_error', retryable: false, blame: 'config' }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: 'quota_exceeded' }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'concurrency', retryable: true }],
  [{ kind: 'server_error' }, { code: 'server', vendorCode: 'resource_exhausted', blame: 'vendor' }],
  [{ kind: 'status', status: 401, body: '{"detail":{"status":"invalid_api_key"}}' }, { code: 'auth' }],
  [
    { kind: 'status', status: 429, headers: { 'retry-after': '3' } },
    { code: 'rate_limited', retryAfterMs: 3000 },
  ],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection', vendorCode: 'ECONNRESET' }],
];

for (const [fault, expected] of OPENING_FAULTS) {
  t.test(`open, ${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, open } = await arrange(test);
    await emulator.setFault(fault);
    const error = await failureOf(test, open());
    test.match(error, expected);
    noLeak(test, error, log, [EMULATOR_KEY]);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
  });
}

t.test('a wrong key, a wrong model: said inside the accepted socket, thrown by open', async (test) => {
  const wrongKey = await arrange(test, { apiKey: 'chave-errada' });
  const error = await failureOf(test, wrongKey.open());
  test.match(error, { code: 'auth', vendorCode: 'auth_error' });
  noLeak(test, error, wrongKey.log, ['chave-errada']);
  const wrongModel = await arrange(test, { settings: { model: 'scribe_v9_realtime' } });
  test.match(await failureOf(test, wrongModel.open()), { code: 'invalid_request', vendorCode: 'invalid_request' });
});

t.test('an abort ends an open that gets no answer, and a live stream', async (test) => {
  for (const kind of ['silence', 'half_open'] as const) {
    const { emulator, open } = await arrange(test, { fault: { kind } });
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const opening = failureOf(test, open(abort.signal));
    await asked;
    abort.abort();
    test.equal((await opening).code, 'aborted');
    await emulator.setFault(null);
    const later = new AbortController();
    const stream = await open(later.signal);
    say(stream, [1]);
    later.abort();
    test.equal((await failureOf(test, readTo(stream, 9))).code, 'aborted');
    await stream.close();
  }
});

t.test('the end of a quiet session is nobody’s outage', async (test) => {
  const { open } = await arrange(test, { idleMs: 30 });
  const stream = await open();
  const expected = { code: 'timeout', vendorCode: 'insufficient_audio_activity', blame: 'core', retryable: true };
  test.match(await failureOf(test, readTo(stream, 1)), expected);
});

t.test('a vendor that stalls does not hold close beyond its bound', async (test) => {
  const { emulator, open } = await arrange(test, { fault: { kind: 'stall', afterAudioMs: 0 }, clock: fastClock(20) });
  const stream = await open();
  say(stream, [1]);
  await stream.close();
  test.equal(seconds(await readTo(stream)), 0.5);
  await emulator.idle();
});

t.test('capabilities follow the model; by request the live model is not spoken to', async (test) => {
  const of = (model: string) =>
    typeof elevenLabsStt.capabilities === 'function' ? elevenLabsStt.capabilities({ model }) : undefined;
  test.match(of(MODEL), { streaming: true, interim: true, finalize: 'ack', keyterms: { max: 50, maxChars: 20 } });
  test.match(of('scribe_v2'), { streaming: false, finalize: 'none', keyterms: { max: 100, maxChars: 49 } });
  const { emulator, stt } = await arrange(test);
  test.equal((await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()))).code, 'unsupported');
  test.equal(emulator.requests.length, 0);
});
