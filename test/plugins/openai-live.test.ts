import t from 'tap';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { dones, finals, readTo, seconds } from '../helpers/deepgram-stream.ts';
import { arrangeLive, LIVE_OPTIONS, sayLive } from '../helpers/openai-live.ts';
import { failureOf, noLeak, spoken } from '../helpers/provider.ts';

t.test(
  'one session, several utterances: each commit is answered by its item, with confidence and time',
  async (test) => {
    const { emulator, open } = await arrangeLive(test);
    const stream = await open({ keyterms: ['Dipirona'] });
    sayLive(stream, [1, 0, 2]);
    stream.finalize(1);
    const first = await readTo(stream, 1);
    test.match(
      first.find((event) => event.type === 'final'),
      { text: 'p1 p2', startMs: 0, endMs: 1500, model: 'gpt-live-transcribe', requestId: /^item_/ },
    );
    test.ok(first.some((event) => event.type === 'partial'));
    sayLive(stream, [3]);
    stream.finalize(2);
    const second = await readTo(stream, 2);
    test.match(
      second.find((event) => event.type === 'final'),
      { text: 'p3', startMs: 1500, endMs: 2000 },
    );
    test.equal(seconds([...first, ...second]), 2);
    await stream.close();
    const [update, ...commits] = emulator.requests[0]?.messages ?? [];
    test.match(JSON.parse(update ?? ''), {
      type: 'session.update',
      session: {
        type: 'transcription',
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            transcription: { model: 'gpt-live-transcribe', languages: ['pt'], keywords: ['Dipirona'] },
            turn_detection: null,
          },
        },
      },
    });
    test.equal(commits.length, 2);
  },
);

t.test('the whisper of the family takes a language and no key terms', async (test) => {
  const { emulator, open } = await arrangeLive(test, { model: 'gpt-realtime-whisper' });
  await (await open({ keyterms: ['Dipirona'] })).close();
  const update = JSON.parse(emulator.requests[0]?.messages[0] ?? '') as { session: { audio: { input: object } } };
  test.match(update.session.audio.input, { transcription: { language: 'pt', keywords: undefined } });
});

t.test('a sound too short for a commit is filled with silence; nothing at all is answered at once', async (test) => {
  const { emulator, open } = await arrangeLive(test);
  const stream = await open();
  stream.finalize(1);
  stream.push(new Int16Array(480));
  stream.finalize(2);
  stream.finalize(3);
  const events = await readTo(stream, 3);
  test.same(dones(events), [1, 2, 3]);
  test.equal(emulator.requests[0]?.audioBytes, 2400 * 2);
  test.ok(Math.abs(seconds(events) - 0.02) < 1e-9, 'our silence is not billed');
  await stream.close();
});

t.test('items answered out of order, or twice, are told once and as they were spoken', async (test) => {
  for (const kind of ['out_of_order_finals', 'duplicate_finals'] as const) {
    const { open } = await arrangeLive(test, { fault: { kind } });
    const stream = await open();
    for (const word of [1, 2, 3]) {
      sayLive(stream, [word]);
      stream.finalize(word);
    }
    const events = await readTo(stream, 3);
    test.same(finals(events), ['p1', 'p2', 'p3'], kind);
    test.same(dones(events), [1, 2, 3]);
    await stream.close();
  }
});

const STREAM_FAULTS: [Fault, Record<string, unknown>][] = [
  [
    { kind: 'die', afterAudioMs: 300 },
    { code: 'connection', blame: 'network' },
  ],
  [
    { kind: 'die', afterAudioMs: 300, code: 1011 },
    { code: 'server', vendorCode: '1011', requestId: /^sess_/ },
  ],
  [
    { kind: 'error_frame', afterAudioMs: 300 },
    { code: 'server', vendorCode: 'server_error' },
  ],
  [{ kind: 'malformed_frame' }, { code: 'protocol' }],
];

for (const [fault, expected] of STREAM_FAULTS) {
  t.test(`stream, ${JSON.stringify(fault)}: the iteration throws once, typed`, async (test) => {
    const { emulator, log, open } = await arrangeLive(test, { fault });
    const stream = await open();
    sayLive(stream, [1, 2]);
    stream.finalize(1);
    const error = await failureOf(test, readTo(stream, 1));
    test.match(error, expected);
    noLeak(test, error, log, [EMULATOR_KEY, 'p1']);
    await stream.close();
    test.equal(emulator.requests.length, 1, 'no reconnect of its own');
  });
}

t.test('a refused handshake, another rate, an abort', async (test) => {
  const wrong = await arrangeLive(test, { apiKey: 'chave-errada' });
  const error = await failureOf(test, wrong.open());
  test.match(error, { code: 'auth', vendorCode: 'invalid_api_key', vendorMessage: undefined });
  noLeak(test, error, wrong.log, ['chave-errada']);
  const { emulator, open } = await arrangeLive(test);
  await emulator.setFault({ kind: 'quota' });
  test.match(await failureOf(test, open()), { code: 'quota', retryable: false });
  test.match(await failureOf(test, open({ sampleRateHz: 16_000 })), { code: 'unsupported', blame: 'core' });
  await emulator.setFault(null);
  const abort = new AbortController();
  const stream = await open({}, abort.signal);
  sayLive(stream, [1]);
  abort.abort();
  test.equal((await failureOf(test, readTo(stream, 1))).code, 'aborted');
});

t.test('whole utterances of a live model go to the model for files, and are billed as such', async (test) => {
  const { stt } = await arrangeLive(test);
  const heard = await stt.transcribe(spoken([1]), LIVE_OPTIONS, new AbortController().signal);
  test.match(heard, { text: 'p1', model: 'gpt-transcribe', usage: [{ model: 'gpt-transcribe' }] });
});
