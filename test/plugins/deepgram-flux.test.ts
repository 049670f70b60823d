import t from 'tap';
import type { SttEvent } from '../../core/contracts/index.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrange, dones, finals, PORTUGUESE, readTo, say, seconds } from '../helpers/deepgram-stream.ts';
import { failureOf, fastClock, live, noLeak, spoken } from '../helpers/provider.ts';

const settings = { model: 'flux-general-multi' };

t.test('the vendor ends turns; what it has not ended when the stream is closed is final as it stands', async (test) => {
  const { emulator, open } = await arrange(test, { settings });
  const stream = await open();
  say(stream, [1, 2, 0, 3]);
  stream.finalize(7);
  await stream.close();
  await stream.close();
  const events = await readTo(stream);
  test.same([finals(events), dones(events)], [['p1 p2', 'p3'], [7]]);
  test.ok(events.some((event) => event.type === 'partial' && event.text === 'p1 p2'));
  test.match(
    events.filter((event) => event.type === 'final'),
    [
      { text: 'p1 p2', startMs: 0, endMs: 1000, model: 'flux-general-multi', words: [{ text: 'p1' }, { text: 'p2' }] },
      { text: 'p3', startMs: 1500, endMs: 2000, requestId: 'dg-1', language: 'pt' },
    ],
  );
  test.equal(seconds(events), 2);
  test.same(emulator.requests[0]?.messages, ['{"type":"CloseStream"}']);
  await emulator.idle();
});

t.test('asks at /v2/listen, with the language as a hint', async (test) => {
  const { emulator, open } = await arrange(test, { settings });
  await (await open(live(), { keyterms: ['Dipirona'] })).close();
  const [request] = emulator.requests;
  test.equal(request?.path, '/v2/listen');
  test.same(Object.fromEntries(request?.query ?? []), {
    model: 'flux-general-multi',
    encoding: 'linear16',
    sample_rate: '16000',
    language_hint: 'pt',
    keyterm: 'Dipirona',
    mip_opt_out: 'true',
  });
  const english = await arrange(test, { settings: { model: 'flux-general-en' } });
  await (await english.open()).close();
  test.notOk(english.emulator.requests[0]?.query.has('language_hint'), 'refused by the English model');
});

t.test('silence is answered by a stream that ends', async (test) => {
  const { open } = await arrange(test, { settings });
  const stream = await open();
  say(stream, [0, 0]);
  await stream.close();
  const events = await readTo(stream);
  test.same(finals(events), []);
  test.equal(seconds(events), 1);
});

t.test('turns twice or in another order, and unknown messages, change nothing', async (test) => {
  for (const kind of ['duplicate_finals', 'out_of_order_finals', 'unknown_messages'] as const) {
    const { open } = await arrange(test, { settings, fault: { kind } });
    const stream = await open();
    say(stream, [1, 0, 2, 0, 3]);
    await stream.close();
    test.same(finals(await readTo(stream)), ['p1', 'p2', 'p3'], kind);
  }
});

const STREAM_FAULTS: [Fault, Record<string, unknown>][] = [
  [
    { kind: 'die', afterAudioMs: 300 },
    { code: 'connection', blame: 'network', retryable: true },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 1011, reason: 'NET-0000' },
    { code: 'server', vendorCode: 'NET-0000' },
  ],
  [{ kind: 'die', afterAudioMs: 300, code: 1000 }, { code: 'server' }],
  [
    { kind: 'error_frame', afterAudioMs: 300 },
    { code: 'server', vendorCode: 'INTERNAL_SERVER_ERROR', requestId: 'dg-1' },
  ],
  [{ kind: 'malformed_frame' }, { code: 'protocol', blame: 'vendor' }],
];

for (const [fault, expected] of STREAM_FAULTS) {
  t.test(`stream, ${JSON.stringify(fault)}: the iteration throws once, typed; the audio is billed`, async (test) => {
    const { emulator, log, open } = await arrange(test, { settings, fault });
    const stream = await open();
    say(stream, [1, 2]);
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

t.test('a vendor that stalls does not hold close beyond its bound, and has not answered', async (test) => {
  const fault: Fault = { kind: 'stall', afterAudioMs: 0 };
  const { emulator, open } = await arrange(test, { settings, fault, clock: fastClock(20) });
  const stream = await open();
  say(stream, [1]);
  await stream.close();
  test.match(await failureOf(test, readTo(stream)), { code: 'timeout', retryable: true });
  await emulator.idle();
});

t.test('an abort ends an open that gets no answer, and a live stream', async (test) => {
  for (const kind of ['silence', 'half_open'] as const) {
    const { emulator, open } = await arrange(test, { settings, fault: { kind } });
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
    test.equal((await failureOf(test, readTo(stream))).code, 'aborted');
    await stream.close();
  }
});

t.test('capabilities follow the model; by request Flux is not spoken to', async (test) => {
  const of = (model: string) =>
    typeof deepgramStt.capabilities === 'function' ? deepgramStt.capabilities({ model }) : undefined;
  const flux = { finalize: 'none', endpointing: 'vendor', idle: 'close', diarization: false };
  test.match(of('flux-general-multi'), { ...flux, languages: ['pt'] });
  test.match(of('flux-general-en'), { ...flux, languages: ['en'] });
  test.match(of('nova-3'), { finalize: 'ack', endpointing: 'off', idle: 'keepalive', diarization: true });
  const { emulator, stt } = await arrange(test, { settings });
  test.equal((await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()))).code, 'unsupported');
  test.equal(emulator.requests.length, 0);
});
