import t, { type Test } from 'tap';
import type { Settings, SttEvent, SttOptions } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/xai/config.ts';
import { SaidOnce } from '../../plugins/xai/said-once.ts';
import { xaiStt } from '../../plugins/xai/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { readForm, readWav } from '../emulators/form.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { startXai, type XaiOptions } from '../emulators/xai.ts';
import { finals, readTo, say, seconds } from '../helpers/deepgram-stream.ts';
import { contextFor, failureOf, fastClock, keptLog, live, noLeak, spoken } from '../helpers/provider.ts';
import { wordListening } from '../helpers/word-listening.ts';

const PORTUGUESE: SttOptions = { language: 'pt-BR', sampleRateHz: 16_000 };

interface Given extends XaiOptions {
  key?: string;
  settings?: Settings;
  fast?: boolean;
}

async function arrange(test: Test, { key = EMULATOR_KEY, settings: more, fast, ...options }: Given = {}) {
  const emulator = await startXai({ listening: wordListening, ...options });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}/v1`, ...more };
  const log = keptLog();
  const clock = fast ? { clock: fastClock(50) } : {};
  const ctx = contextFor(test, vendor, settings, { log, maxBodyBytes: 1_000_000, ...clock });
  const stt = await xaiStt.create({ apiKey: key }, settings, ctx);
  const open = (signal = live(), asked = PORTUGUESE) => {
    if (!stt.open) throw new Error('no streaming');
    return stt.open(asked, signal);
  };
  const probe = async () => xaiStt.probe?.({ apiKey: key }, settings, ctx);
  return { emulator, log, stt, open, probe };
}

t.test('uploads one utterance; the file is the last field', async (test) => {
  const { emulator, stt } = await arrange(test);
  const options = { ...PORTUGUESE, keyterms: ['Dipirona', 'Dorflex'], diarize: true };
  test.match(await stt.transcribe(spoken([1, 0, 2]), options, live()), {
    text: 'p1 p2',
    language: 'pt',
    model: 'xai-stt',
    requestId: /^stt-/,
    speakerScope: 'request',
    words: [
      { text: 'p1', startMs: 0, endMs: 500, speaker: '0' },
      { text: 'p2', startMs: 1000, endMs: 1500, speaker: '1' },
    ],
    usage: [{ unit: 'second', quantity: 1.5, of: 'audio_in', model: 'xai-stt' }],
  });
  const form = emulator.requests[0] && (await readForm(emulator.requests[0]));
  test.same([...(form?.keys() ?? [])], ['format', 'language', 'diarize', 'keyterm', 'keyterm', 'file']);
  test.equal(form?.get('language'), 'pt');
  test.same(form?.getAll('keyterm'), ['Dipirona', 'Dorflex']);
  test.same(await readWav(form?.get('file') as File), spoken([1, 0, 2]));
});

t.test('streams one utterance: the good-bye asks for the answer, and the answer ends it', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open(live(), { ...PORTUGUESE, keyterms: ['Dipirona'], diarize: true });
  say(stream, [1, 0, 2]);
  const closing = stream.close();
  const events = await readTo(stream);
  await closing;
  test.same(finals(events), ['p1 p2']);
  test.ok(events.some((event) => event.type === 'partial' && event.text === 'p1'));
  test.match(
    events.find((event) => event.type === 'final'),
    { startMs: 0, endMs: 1500, words: [{ text: 'p1' }, { text: 'p2', startMs: 1000 }] },
  );
  test.equal(seconds(events), 1.5);
  const [request] = emulator.requests;
  test.match(Object.fromEntries(request?.query ?? []), {
    sample_rate: '16000',
    encoding: 'pcm',
    language: 'pt',
    interim_results: 'true',
    diarize: 'true',
    keyterm: 'Dipirona',
  });
  test.same(request?.messages, ['{"type":"audio.done"}']);
});

for (const repeats of [true, false]) {
  t.test(
    `a long utterance says every word once, ${repeats ? 'also where the vendor repeats' : 'in pieces'}`,
    async (test) => {
      const { open } = await arrange(test, { repeats });
      const stream = await open();
      const words = Array.from({ length: 17 }, (_, index) => index + 1);
      say(stream, words);
      stream.finalize(7);
      const events = await readTo(stream);
      test.equal(finals(events).join(' '), words.map((word) => `p${word}`).join(' '));
      test.ok(finals(events).length > 1);
      const timed = events.flatMap((event) => (event.type === 'final' ? (event.words ?? []) : []));
      test.same(
        timed.map((word) => word.text),
        words.map((word) => `p${word}`),
      );
      test.match(events.at(-1), { type: 'done', marker: 7, throughMs: 8500 });
    },
  );
}

for (const repeats of [true, false]) {
  const where = repeats ? 'in the transcript' : 'as interim text only';
  t.test(`an end that no final locked is not lost, given ${where}`, async (test) => {
    const { open } = await arrange(test, { repeats, locksEnd: false });
    const stream = await open();
    say(stream, [1, 2, 3, 4, 5, 6, 7, 8]);
    void stream.close();
    const events = await readTo(stream);
    test.equal(finals(events).join(' '), 'p1 p2 p3 p4 p5 p6 p7 p8');
    test.match(
      events.findLast((event) => event.type === 'final'),
      { text: 'p7 p8', startMs: 3000, endMs: 4000 },
    );
  });
}

t.test('what was said already is known by its audio and by its text', async (test) => {
  const said = new SaidOnce();
  const piece = { text: 'Estou com', words: [], startMs: 0, endMs: 3000 };
  test.same(said.take(piece, false), piece);
  test.equal(said.take(piece, false), undefined, 'the same again');
  test.equal(said.rest('estou com dor de cabeça'), 'dor de cabeça');
  test.match(said.take({ ...piece, text: 'Estou com dor', endMs: 4000 }, true), { text: 'dor' });
  test.equal(said.rest('com com'), 'com com', 'a new utterance may start with the same word');
  test.equal(said.rest('Estou com dor.'), '');
});

for (const kind of ['duplicate_finals', 'out_of_order_finals', 'unknown_messages'] as const) {
  t.test(`${kind}: every word once`, async (test) => {
    const { open } = await arrange(test, { fault: { kind }, repeats: false });
    const stream = await open();
    const words = Array.from({ length: 14 }, (_, index) => index + 1);
    say(stream, words);
    void stream.close();
    const heard = finals(await readTo(stream))
      .join(' ')
      .split(' ');
    test.same(heard.toSorted(), words.map((word) => `p${word}`).toSorted());
  });
}

t.test('silence is an answer', async (test) => {
  const { stt, open } = await arrange(test);
  test.equal((await stt.transcribe(spoken([0]), PORTUGUESE, live())).text, '');
  const stream = await open();
  say(stream, [0]);
  void stream.close();
  test.same(finals(await readTo(stream)), []);
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
  [{ kind: 'die', afterAudioMs: 300, code: 1000 }, { code: 'server' }],
  [{ kind: 'error_frame', afterAudioMs: 300 }, { code: 'server' }],
  [{ kind: 'malformed_frame' }, { code: 'protocol', blame: 'vendor' }],
];

for (const [fault, expected] of STREAM_FAULTS) {
  t.test(`stream, ${JSON.stringify(fault)}: the iteration throws once, typed; the audio is billed`, async (test) => {
    const { emulator, log, open } = await arrange(test, { fault });
    const stream = await open();
    say(stream, [1, 2]);
    const closing = stream.close();
    const events: SttEvent[] = [];
    const error = await failureOf(
      test,
      (async () => {
        for await (const event of stream) events.push(event);
      })(),
    );
    test.match(error, expected);
    test.equal(seconds(events), 1);
    noLeak(test, error, log, [EMULATOR_KEY, 'p1']);
    await closing;
    test.equal(emulator.requests.length, 1, 'no reconnect of its own');
  });
}

t.test('a vendor that never answers the end is a time-out, not silence', async (test) => {
  const { open } = await arrange(test, { fault: { kind: 'stall', afterAudioMs: 100 }, fast: true });
  const stream = await open();
  say(stream, [1]);
  const closing = stream.close();
  test.match(await failureOf(test, readTo(stream)), { code: 'timeout', retryable: true });
  await closing;
});

const FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', retryable: false }],
  [
    { kind: 'rate_limited', retryAfter: '3' },
    { code: 'rate_limited', scope: 'rate', retryAfterMs: 3000 },
  ],
  [{ kind: 'server_error' }, { code: 'server', retryable: true }],
  [
    { kind: 'status', status: 400, body: `{"code":"bad","error":"field ${EMULATOR_KEY}"}` },
    { code: 'invalid_request', vendorCode: 'bad', vendorMessage: 'field ***' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
];

for (const [fault, expected] of FAULTS) {
  t.test(`handshake and upload, ${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, stt, open } = await arrange(test);
    await emulator.setFault(fault);
    for (const call of [() => open(), () => stt.transcribe(spoken([1]), PORTUGUESE, live())]) {
      const error = await failureOf(test, call());
      test.match(error, expected);
      noLeak(test, error, log, [EMULATOR_KEY]);
    }
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 2);
  });
}

t.test('JSON of another shape, or none, is a protocol error', async (test) => {
  const { emulator, stt } = await arrange(test);
  for (const kind of ['wrong_shape', 'malformed'] as const) {
    await emulator.setFault({ kind });
    test.equal((await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()))).code, 'protocol');
  }
});

t.test('an abort ends an upload, a handshake without answer, and a live stream', async (test) => {
  const { emulator, stt, open } = await arrange(test, { fault: { kind: 'silence' } });
  for (const call of [
    (signal: AbortSignal) => stt.transcribe(spoken([1]), PORTUGUESE, signal),
    (signal: AbortSignal) => open(signal),
  ]) {
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const failing = failureOf(test, call(abort.signal));
    await asked;
    abort.abort();
    test.match(await failing, { code: 'aborted', blame: 'caller' });
  }
  await emulator.setFault(null);
  const later = new AbortController();
  const stream = await open(later.signal);
  say(stream, [1]);
  later.abort();
  test.equal((await failureOf(test, readTo(stream))).code, 'aborted');
  await stream.close();
});

t.test('a rate the vendor has not is refused; probe tells keys apart', async (test) => {
  const { emulator, open, probe } = await arrange(test);
  const wrong = await failureOf(test, open(live(), { ...PORTUGUESE, sampleRateHz: 11_025 }));
  test.match(wrong, { code: 'unsupported', blame: 'core' });
  test.equal(emulator.requests.length, 0);
  await probe();
  test.equal((await failureOf(test, (await arrange(test, { key: 'chave-errada' })).probe())).code, 'auth');
});
