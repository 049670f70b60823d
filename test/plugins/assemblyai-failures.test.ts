import t from 'tap';
import type { SttEvent } from '../../core/contracts/index.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { arrange, PORTUGUESE } from '../helpers/assemblyai.ts';
import { finals, readTo, say, seconds } from '../helpers/live-stt.ts';
import { failureOf, fastClock, live, noLeak, spoken } from '../helpers/provider.ts';

const REQUEST_FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', blame: 'config', retryable: false, vendorMessage: undefined }],
  [{ kind: 'quota' }, { code: 'quota', blame: 'config', retryable: false, vendorMessage: /balance/ }],
  [
    { kind: 'rate_limited', retryAfter: '7' },
    { code: 'rate_limited', scope: 'rate', retryAfterMs: 7000, retryable: true },
  ],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', retryAfterMs: undefined }],
  [{ kind: 'server_error' }, { code: 'server', blame: 'vendor', retryable: true }],
  [{ kind: 'status', status: 504, body: '<html>' }, { code: 'timeout' }],
  [
    { kind: 'status', status: 400, body: `{"error":"bad key ${EMULATOR_KEY}"}` },
    { code: 'invalid_request', blame: 'core', vendorMessage: 'bad key ***' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', blame: 'network', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection' }],
  [{ kind: 'malformed' }, { code: 'protocol' }],
  [{ kind: 'wrong_shape' }, { code: 'protocol' }],
  [{ kind: 'redirect', location: 'http://127.0.0.1:1/' }, { code: 'protocol' }],
  [
    { kind: 'huge', bytes: 3_000_000 },
    { code: 'protocol', message: /maior que/ },
  ],
];

for (const [fault, expected] of REQUEST_FAULTS) {
  t.test(`by file, ${JSON.stringify(fault)} at any step: no second try, one typed error, no key`, async (test) => {
    for (const steps of fault.kind === 'refuse' ? [0] : [0, 1, 2]) {
      const { emulator, log, stt } = await arrange(test);
      const before = until(emulator, steps);
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

t.test('by file: a job that fails, and the sentences that say why', async (test) => {
  const { emulator, stt } = await arrange(test);
  const short = { pcm: new Int16Array(1600), sampleRateHz: 16_000 };
  test.match(await failureOf(test, stt.transcribe(short, PORTUGUESE, live())), {
    code: 'invalid_request',
    vendorCode: 'audio_too_short',
  });
  await emulator.setFault({ kind: 'error_frame' });
  test.match(await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live())), {
    code: 'server',
    blame: 'vendor',
    retryable: true,
    vendorCode: 'job_error',
    requestId: /^[0-9a-f-]{36}$/,
  });
  await emulator.setFault(null);
  const submitted = until(emulator, 2);
  const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()));
  await submitted;
  const error = 'language_detection cannot be performed on files with no spoken audio.';
  await emulator.setFault({ kind: 'status', status: 200, body: JSON.stringify({ status: 'error', error }) });
  test.match(await call, { code: 'empty', blame: 'caller' }, 'nobody spoke: an answer');
});

t.test('by file: an abort ends every step at once, the wait between two questions too', async (test) => {
  for (const [steps, fault] of [
    [1, { kind: 'silence' }],
    [2, { kind: 'silence' }],
    [3, { kind: 'silence' }],
    [3, { kind: 'drip', everyMs: 20 }],
    [3, { kind: 'stall', afterAudioMs: 0 }],
  ] as [number, Fault][]) {
    const { emulator, stt } = await arrange(test, { pendingPolls: 1 });
    const abort = new AbortController();
    const asked = until(emulator, steps);
    if (steps === 1) await emulator.setFault(fault);
    else void until(emulator, steps - 1).then(() => emulator.setFault(fault));
    const call = failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, abort.signal));
    await asked;
    abort.abort();
    test.match(await call, { code: 'aborted', blame: 'caller', retryable: false }, `${steps} ${fault.kind}`);
    test.equal(emulator.requests.length, steps);
  }
});

const STREAM_FAULTS: [Fault, Record<string, unknown>][] = [
  [
    { kind: 'die', afterAudioMs: 300 },
    { code: 'connection', blame: 'network', retryable: true },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 3005 },
    { code: 'server', vendorCode: '3005' },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 3007 },
    { code: 'invalid_request', blame: 'core' },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 3008 },
    { code: 'connection', blame: 'core' },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 3009 },
    { code: 'rate_limited', scope: 'concurrency' },
  ],
  [{ kind: 'die', afterAudioMs: 300, code: 1011 }, { code: 'server' }],
  [
    { kind: 'error_frame', afterAudioMs: 300 },
    { code: 'server', vendorCode: '3005', requestId: 'aai-1' },
  ],
  [{ kind: 'malformed_frame' }, { code: 'protocol', blame: 'vendor' }],
];

for (const [fault, expected] of STREAM_FAULTS) {
  t.test(`stream, ${JSON.stringify(fault)}: the iteration throws once, typed; the session is billed`, async (test) => {
    const { emulator, log, open } = await arrange(test, { fault });
    const stream = await open();
    say(stream, [1, 2]);
    const events: SttEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    const error = await failureOf(test, reading);
    test.match(error, expected);
    test.ok(seconds(events) > 0);
    noLeak(test, error, log, [EMULATOR_KEY, 'p1']);
    test.same(await readTo(stream), [], 'over');
    await stream.close();
    test.equal(emulator.requests.length, 1, 'no reconnect of its own');
  });
}

const OPENING_FAULTS: [Fault, Record<string, unknown>][] = [
  [{ kind: 'auth' }, { code: 'auth', vendorCode: '1008', retryable: false }],
  [{ kind: 'quota' }, { code: 'quota', vendorCode: '1008' }],
  [{ kind: 'rate_limited' }, { code: 'rate_limited', scope: 'concurrency', vendorCode: '1008' }],
  [{ kind: 'server_error' }, { code: 'server', vendorCode: '3005' }],
  [{ kind: 'status', status: 401, body: '{"error":"Unauthorized"}' }, { code: 'auth' }],
  [
    { kind: 'status', status: 429, headers: { 'retry-after': '3' } },
    { code: 'rate_limited', retryAfterMs: 3000 },
  ],
  [{ kind: 'die', afterAudioMs: 0 }, { code: 'connection' }],
  [
    { kind: 'die', afterAudioMs: 0, code: 1008, reason: 'Unauthorized Connection: Missing Authorization header' },
    { code: 'auth' },
  ],
  [{ kind: 'refuse' }, { code: 'connection', vendorCode: 'ECONNREFUSED' }],
  [{ kind: 'reset' }, { code: 'connection', vendorCode: 'ECONNRESET' }],
];

for (const [fault, expected] of OPENING_FAULTS) {
  t.test(`opening, ${JSON.stringify(fault)}: one attempt, one typed error, no key`, async (test) => {
    const { emulator, log, open } = await arrange(test);
    await emulator.setFault(fault);
    const error = await failureOf(test, open());
    test.match(error, expected);
    noLeak(test, error, log, [EMULATOR_KEY]);
    test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 1);
  });
}

t.test('a wrong key is refused by open, transcribe and probe', async (test) => {
  const { log, stt, open, probe } = await arrange(test, { apiKey: 'chave-errada' });
  for (const call of [open, () => stt.transcribe(spoken([1]), PORTUGUESE, live()), probe]) {
    const error = await failureOf(test, call());
    test.equal(error.code, 'auth');
    noLeak(test, error, log, ['chave-errada']);
  }
});

t.test('an abort ends an opening that gets no answer, and a live stream', async (test) => {
  for (const kind of ['silence', 'half_open'] as const) {
    const { emulator, open } = await arrange(test, { fault: { kind } });
    const abort = new AbortController();
    const asked = emulator.nextRequest();
    const opening = failureOf(test, open(abort.signal));
    await asked;
    abort.abort();
    test.equal((await opening).code, 'aborted', kind);
  }
  const { open } = await arrange(test);
  const later = new AbortController();
  const stream = await open(later.signal);
  say(stream, [1]);
  later.abort();
  test.equal((await failureOf(test, readTo(stream))).code, 'aborted');
  await stream.close();
});

t.test(
  'a vendor that does not say it has answered everything has not: close ends in time, the iteration in an error',
  async (test) => {
    const { open } = await arrange(test, { fault: { kind: 'stall', afterAudioMs: 800 }, clock: fastClock(20) });
    const stream = await open();
    say(stream, [1, 2]);
    await stream.close();
    const events: SttEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    test.match(await failureOf(test, reading), { code: 'timeout', blame: 'vendor', retryable: true });
    test.same(finals(events), []);
    test.ok(seconds(events) > 0);
  },
);

/** Resolves when so many requests have come in. */
async function until(emulator: { nextRequest(): Promise<unknown> }, count: number): Promise<void> {
  for (let left = count; left > 0; left--) await emulator.nextRequest();
}
