import t from 'tap';
import { streamUrlOf } from '../../plugins/assemblyai/config.ts';
import assemblyAi from '../../plugins/assemblyai/index.ts';
import { assemblyAiStt } from '../../plugins/assemblyai/stt.ts';
import { TurnOrder } from '../../plugins/assemblyai/turn-order.ts';
import type { Fault } from '../emulators/faults.ts';
import { readWav } from '../emulators/wav.ts';
import { arrange, PORTUGUESE } from '../helpers/assemblyai.ts';
import { finals, readTo, say, seconds } from '../helpers/live-stt.ts';
import { failureOf, fastClock, live, spoken } from '../helpers/provider.ts';
import { registered } from '../helpers/registered.ts';

t.test('by file: uploads, starts a job, asks for it until it is done, and deletes it', async (test) => {
  const { asked, stt } = await arrange(test, { pendingPolls: 2, clock: fastClock(20) });
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { ...PORTUGUESE, diarize: true }, live());
  test.match(transcript, {
    text: 'p1 p2',
    language: 'pt',
    confidence: 0.97,
    model: 'universal-3-5-pro',
    speakerScope: 'request',
    requestId: /^[0-9a-f-]{36}$/,
    words: [
      { text: 'p1', startMs: 0, endMs: 500, confidence: 0.9, speaker: 'A' },
      { text: 'p2', startMs: 1000, endMs: 1500 },
    ],
    usage: [{ unit: 'second', quantity: 1.5, of: 'audio_in', model: 'universal-3-5-pro' }],
  });
  await stt.close?.();
  const job = 'GET /v2/transcript/:id';
  test.same(asked(), ['POST /v2/upload', 'POST /v2/transcript', job, job, job, 'DELETE /v2/transcript/:id']);
});

t.test('by file: sends a WAV file, the language, the model and phrases within the limits', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { retainData: true } });
  const keyterms = ['Dipirona', 'um dois três quatro cinco seis sete', 'Dorflex'];
  await stt.transcribe(spoken([1]), { ...PORTUGUESE, keyterms }, live());
  const [upload, job] = emulator.requests;
  test.same(readWav(upload?.body ?? new Uint8Array()), spoken([1]));
  test.match(JSON.parse(job?.body.toString() ?? ''), {
    audio_url: /upload/,
    speech_models: ['universal-3-5-pro'],
    language_code: 'pt',
    keyterms_prompt: ['Dipirona', 'Dorflex'],
  });
  test.notOk(
    emulator.requests.some(({ method }) => method === 'DELETE'),
    'kept where the operator says so',
  );
});

t.test('by file: silence is an answer, and other rates are taken as they are', async (test) => {
  const { stt } = await arrange(test);
  const silence = await stt.transcribe(spoken([0, 0]), PORTUGUESE, live());
  test.same([silence.text, silence.words, silence.confidence], ['', [], undefined]);
  const slow = { pcm: new Int16Array(4000).fill(300), sampleRateHz: 8000 };
  test.equal((await stt.transcribe(slow, PORTUGUESE, live())).text, 'p3');
});

t.test('by file: that the transcript could not be deleted costs a line of the log, not the answer', async (test) => {
  const { emulator, log, stt } = await arrange(test, { clock: fastClock(20) });
  const asked = emulator.nextRequest();
  const call = stt.transcribe(spoken([1]), PORTUGUESE, live());
  await asked;
  await emulator.nextRequest();
  await emulator.nextRequest();
  await emulator.setFault({ kind: 'silence' });
  test.equal((await call).text, 'p1');
  await stt.close?.();
  test.equal(log.lines.length, 1);
  test.match(log.lines[0], /not deleted/);
});

t.test('streams one utterance: partials, a final per turn, the bill of the session', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  say(stream, [1, 0, 2, 3]);
  await stream.close();
  await stream.close();
  const events = await readTo(stream);
  test.same(finals(events), ['p1', 'p2 p3'], 'the vendor ends a turn at its own pauses');
  test.ok(events.some((event) => event.type === 'partial' && event.text === 'p1'));
  test.match(events.filter((event) => event.type === 'final')[1], {
    startMs: 1000,
    endMs: 2000,
    model: 'universal-3-6-pro',
    requestId: 'aai-1',
    confidence: 0.9,
    words: [
      { text: 'p2', startMs: 1000 },
      { text: 'p3', startMs: 1500 },
    ],
  });
  test.equal(seconds(events), 1, 'seconds the session was open, as the vendor says');
  test.equal(events.at(-1)?.type, 'usage');
  const [request] = emulator.requests;
  test.equal(request?.audioBytes, 64_000);
  test.same(
    request?.messages.map((text) => JSON.parse(text).type),
    ['ForceEndpoint', 'Terminate'],
  );
});

t.test('streams: asks for a model that hears Portuguese, the language, and key terms', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open(live(), { ...PORTUGUESE, keyterms: ['Dipirona', 'Dorflex'], diarize: true });
  say(stream, [1]);
  await stream.close();
  test.match(
    (await readTo(stream)).find((event) => event.type === 'final'),
    { words: [{ text: 'p1', speaker: 'A' }] },
  );
  test.same(Object.fromEntries(emulator.requests[0]?.query ?? []), {
    speech_model: 'universal-3-6-pro',
    language_codes: '["pt"]',
    encoding: 'pcm_s16le',
    sample_rate: '16000',
    speaker_labels: 'true',
    keyterms_prompt: '["Dipirona","Dorflex"]',
  });
});

t.test('streams: silence is answered by the end, without a word', async (test) => {
  const { open } = await arrange(test);
  const stream = await open();
  say(stream, [0, 0]);
  await stream.close();
  test.same(finals(await readTo(stream)), []);
});

t.test('streams: finalize ends the turn at hand', async (test) => {
  const { open } = await arrange(test);
  const stream = await open();
  say(stream, [1]);
  stream.finalize(1);
  const reader = stream[Symbol.asyncIterator]();
  for (let event = await reader.next(); event.value?.type !== 'final'; event = await reader.next()) {
    test.notOk(event.done, 'a final comes before the end');
  }
  say(stream, [2]);
  await stream.close();
  test.same(finals(await readTo(stream)), ['p2']);
});

const ODDITIES: Fault[] = [{ kind: 'duplicate_finals' }, { kind: 'out_of_order_finals' }, { kind: 'unknown_messages' }];
for (const fault of ODDITIES) {
  t.test(`streams, ${fault.kind}: each turn once, in the order spoken`, async (test) => {
    const { open } = await arrange(test, { fault });
    const stream = await open();
    say(stream, [1, 0, 2, 0, 3]);
    await stream.close();
    test.same(finals(await readTo(stream)), ['p1', 'p2', 'p3']);
  });
}

t.test('a turn the vendor never ended is told at the end of the session, after those before it', (test) => {
  const told: number[] = [];
  const turns = new TurnOrder(({ turn_order }) => told.push(turn_order));
  const turn = (turn_order: number, isEnded: boolean) => turns.add({ type: 'Turn', turn_order }, isEnded);
  test.same([turn(1, true), turn(1, true), turn(1, false)], [true, false, false], 'known, though not told yet');
  test.same(told, []);
  turn(2, false);
  turn(4, true);
  turns.flush();
  turns.flush();
  test.same(told, [1, 2, 4]);
  test.equal(turn(3, true), false, 'what was told is not told out of order');
  for (let order = 6; order < 30; order++) turn(order, true);
  test.ok(told.length > 15, 'a number the vendor skips does not hold the rest for ever');
  test.end();
});

t.test('streams: an empty frame is not sent; a session without audio ends without an error', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  stream.push(new Int16Array(0));
  await stream.close();
  test.same(finals(await readTo(stream)), []);
  test.equal(emulator.requests[0]?.emptyFrames, 0);
});

t.test('the region names the host, live as well; a proxy serves both', (test) => {
  const { capabilities } = assemblyAiStt;
  if (typeof capabilities !== 'function') throw new Error('capabilities depend on the settings');
  test.equal(capabilities({}).region, 'us');
  test.equal(capabilities({ baseUrl: 'https://api.eu.assemblyai.com' }).region, 'eu');
  test.same(capabilities({ streamModel: 'universal-streaming-english' }).languages, ['en']);
  test.equal(streamUrlOf('https://api.assemblyai.com/'), 'wss://streaming.us.assemblyai.com');
  test.equal(streamUrlOf('https://api.eu.assemblyai.com'), 'wss://streaming.eu.assemblyai.com');
  test.equal(streamUrlOf('http://127.0.0.1:8080/'), 'ws://127.0.0.1:8080');
  test.end();
});

t.test('probe tests the key without data, and names the model that took a retired one’s place', async (test) => {
  const { asked, probe } = await arrange(test);
  await probe();
  test.same(asked(), ['GET /v2/transcript']);
  for (const [settings, current] of [
    [{ model: 'slam-1' }, 'universal-3-5-pro'],
    [{ streamModel: 'u3-pro' }, 'u3-rt-pro'],
  ] as const) {
    const old = await arrange(test, { settings });
    const error = await failureOf(test, old.probe());
    test.match(error, { code: 'invalid_request', blame: 'config', retryable: false });
    test.match(error.message, current);
    test.same(old.asked(), []);
  }
});

t.test('registers, with keys and settings from the environment; a wrong one is refused by name', async (test) => {
  const registry = await registered(test, assemblyAi);
  const { provider, vendor } = registry.resolve('stt/assemblyai');
  const env = { ASSEMBLYAI_API_KEYS: 'um, dois', ASSEMBLYAI_RETAIN_DATA: 'true', ASSEMBLYAI_STREAM_MODEL: 'u3-rt-pro' };
  test.same(registry.credentialsFromEnv(vendor, env), [{ apiKey: 'um' }, { apiKey: 'dois' }]);
  test.match(registry.settingsFromEnv(provider, env), {
    model: 'universal-3-5-pro',
    streamModel: 'u3-rt-pro',
    retainData: true,
  });
  test.throws(() => registry.settingsFromEnv(provider, { ASSEMBLYAI_MAX_CONCURRENT: '0' }), {
    code: 'BALTO_CONFIG_INVALID',
    message: /maxConcurrent|ASSEMBLYAI_MAX_CONCURRENT/,
  });
  test.match(registry.capabilities('stt/assemblyai', {}), { finalize: 'none', billing: 'session' });
});
