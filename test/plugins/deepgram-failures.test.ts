import t from 'tap';
import type { SttEvent } from '../../core/contracts/index.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrange, PORTUGUESE, readTo, say, seconds } from '../helpers/deepgram-stream.ts';
import { failureOf, fastClock, live, noLeak, spoken } from '../helpers/provider.ts';

const STREAM_FAULTS: [Fault, Record<string, unknown>][] = [
  [
    { kind: 'die', afterAudioMs: 300 },
    { code: 'connection', blame: 'network', retryable: true },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 1011, reason: 'NET-0000' },
    { code: 'server', vendorCode: 'NET-0000' },
  ],
  [{ kind: 'die', afterAudioMs: 300, code: 1008, reason: 'DATA-0000' }, { code: 'invalid_request' }],
  [
    { kind: 'die', afterAudioMs: 300, code: 1000 },
    { code: 'server', message: /1000/ },
  ],
  [
    { kind: 'error_frame', afterAudioMs: 300 },
    { code: 'server', vendorCode: 'INTERNAL' },
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

const HANDSHAKE_FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', vendorCode: 'INVALID_AUTH', retryable: false }],
  [{ kind: 'quota' }, { code: 'quota' }],
  [
    { kind: 'rate_limited', retryAfter: '3' },
    { code: 'rate_limited', scope: 'concurrency', retryAfterMs: 3000 },
  ],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', retryAfterMs: undefined }],
  [{ kind: 'server_error' }, { code: 'server' }],
  [
    { kind: 'status', status: 400, body: '{"err_code":"Bad Request"}' },
    { code: 'invalid_request', blame: 'core' },
  ],
  [
    { kind: 'status', status: 400, body: `{"err_code":"bad","err_msg":"key ${EMULATOR_KEY}"}` },
    { code: 'invalid_request', vendorMessage: 'key ***' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection', vendorCode: 'ECONNRESET' }],
];

for (const [fault, expected] of HANDSHAKE_FAULTS) {
  t.test(`handshake and request, ${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, stt, open } = await arrange(test);
    await emulator.setFault(fault);
    const failures = [
      await failureOf(test, open()),
      await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live())),
    ];
    for (const error of failures) {
      test.equal(error.code, expected['code']);
      noLeak(test, error, log, [EMULATOR_KEY]);
    }
    test.match(failures[0], expected);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 2);
  });
}

t.test('a wrong key is refused by open, transcribe and probe; a right one passes', async (test) => {
  const { log, stt, open, probe } = await arrange(test, { apiKey: 'chave-errada' });
  for (const call of [open, () => stt.transcribe(spoken([1]), PORTUGUESE, live()), probe]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    noLeak(test, error, log, ['chave-errada']);
  }
  await (await arrange(test)).probe();
});

t.test('an abort ends a handshake that gets no answer, and a live stream', async (test) => {
  const { emulator, open } = await arrange(test, { fault: { kind: 'silence' } });
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
});

t.test('the vendor closing an idle stream is a time-out of its, found at once', async (test) => {
  const { open } = await arrange(test, { idleMs: 30 });
  const stream = await open();
  test.match(await failureOf(test, readTo(stream, 1)), { code: 'timeout', vendorCode: 'NET-0001', retryable: true });
});

t.test('a vendor that stalls does not hold close beyond its bound', async (test) => {
  const { open } = await arrange(test, { fault: { kind: 'stall', afterAudioMs: 0 }, clock: fastClock(20) });
  const stream = await open();
  say(stream, [1]);
  await stream.close();
  test.equal(seconds(await readTo(stream)), 0.5);
});
