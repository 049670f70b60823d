import t from 'tap';
import type { Fault } from '../emulators/faults.ts';
import { arrange, dones, finals, PORTUGUESE, readTo, say, seconds } from '../helpers/deepgram-stream.ts';
import { failureOf, fastClock, live, spoken } from '../helpers/provider.ts';

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
      model: 'nova-3',
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
  const [request] = emulator.requests;
  test.equal(request?.audioBytes, 48_000);
  test.equal(request?.emptyFrames, 0);
  test.same(
    request?.messages.map((text) => JSON.parse(text).type),
    ['Finalize', 'Finalize', 'CloseStream'],
  );
});

t.test('asks for what the settings and the options say', async (test) => {
  const { emulator, stt } = await arrange(test, { settings: { endpointingMs: 300 } });
  const stream = await stt.open?.({ ...PORTUGUESE, keyterms: ['Dipirona', 'Dorflex'], diarize: true }, live());
  await stream?.close();
  const query = emulator.requests[0]?.query;
  test.same(query?.getAll('keyterm'), ['Dipirona', 'Dorflex']);
  test.match(Object.fromEntries(query ?? []), {
    model: 'nova-3',
    language: 'pt-BR',
    encoding: 'linear16',
    sample_rate: '16000',
    interim_results: 'true',
    endpointing: '300',
    mip_opt_out: 'true',
    diarize: 'true',
  });
});

t.test('with the vendor end-pointing, several finals come before one done', async (test) => {
  const { open } = await arrange(test, { settings: { endpointingMs: 200 } });
  const stream = await open();
  say(stream, [1, 0, 2, 0, 3]);
  stream.finalize(7);
  const events = await readTo(stream, 7);
  test.same(finals(events), ['p1', 'p2', 'p3']);
  test.same(dones(events), [7]);
  await stream.close();
});

t.test('silence is answered: done without a word', async (test) => {
  const { open } = await arrange(test);
  const stream = await open();
  say(stream, [0, 0]);
  stream.finalize(1);
  const events = await readTo(stream, 1);
  test.same([finals(events), dones(events)], [[], [1]]);
  stream.finalize(2);
  test.match((await readTo(stream, 2)).at(-1), { marker: 2 }, 'nothing new to answer: at once');
  await stream.close();
});

t.test('where the vendor does not acknowledge, the answered time passing the marker is the done', async (test) => {
  const { open } = await arrange(test, { fault: { kind: 'no_finalize_ack' } });
  const stream = await open();
  for (const marker of [1, 2, 3]) {
    say(stream, [marker]);
    stream.finalize(marker);
    const events = await readTo(stream, marker);
    test.same([finals(events), dones(events)], [[`p${marker}`], [marker]]);
  }
  await stream.close();
});

t.test('finals twice or in another order, and unknown messages, change nothing', async (test) => {
  for (const kind of ['duplicate_finals', 'out_of_order_finals', 'unknown_messages'] as const) {
    const fault: Fault = { kind };
    const { open } = await arrange(test, { fault });
    const stream = await open();
    for (const marker of [1, 2]) {
      say(stream, [marker]);
      stream.finalize(marker);
    }
    const events = await readTo(stream, 2);
    test.same(
      [finals(events), dones(events)],
      [
        ['p1', 'p2'],
        [1, 2],
      ],
    );
    await stream.close();
  }
});

t.test('key terms stay within the vendor’s 500 tokens', async (test) => {
  const { emulator, open } = await arrange(test);
  const keyterms = Array.from({ length: 100 }, (_, index) => `Produto de teste ${String(index).padStart(3, '0')}`);
  await (await open(live(), { keyterms })).close();
  const sent = emulator.requests[0]?.query.getAll('keyterm') ?? [];
  test.equal(sent.length, 50);
  test.same(sent, keyterms.slice(0, 50));
});

t.test('never sends an empty binary frame', async (test) => {
  const { emulator, open } = await arrange(test);
  const stream = await open();
  stream.push(new Int16Array(0));
  say(stream, [1]);
  stream.finalize(1);
  test.same(finals(await readTo(stream, 1)), ['p1']);
  await stream.close();
  test.equal(emulator.requests[0]?.emptyFrames, 0);
});

t.test('close flushes what was pushed and bills it, also without finalize', async (test) => {
  const { open } = await arrange(test);
  const stream = await open();
  say(stream, [1, 2]);
  await stream.close();
  await stream.close();
  const events = await readTo(stream);
  test.same(finals(events), ['p1 p2']);
  test.equal(seconds(events), 1);
});

t.test('keeps an idle stream alive past the vendor limit', async (test) => {
  const { emulator, stt } = await arrange(test, { idleMs: 450, clock: fastClock(20) });
  const stream = await stt.open?.(PORTUGUESE, live());
  const [request] = emulator.requests;
  if (!stream || !request) return test.fail('no stream');
  const spokenLater = new Promise<void>((resolve) => {
    const check = setInterval(() => {
      if (request.messages.length === 0) return;
      clearInterval(check);
      resolve();
    }, 20);
  });
  await spokenLater;
  test.same(request.messages, ['{"type":"KeepAlive"}']);
  say(stream, [1]);
  stream.finalize(1);
  test.same(finals(await readTo(stream, 1)), ['p1']);
  await stream.close();
});

t.test('transcribes a whole utterance over HTTP', async (test) => {
  const { emulator, stt } = await arrange(test);
  const transcript = await stt.transcribe(spoken([1, 0, 2]), { language: 'pt-BR' }, live());
  test.match(transcript, {
    text: 'p1 p2',
    model: 'nova-3',
    words: [
      { text: 'p1', startMs: 0 },
      { text: 'p2', startMs: 1000, endMs: 1500 },
    ],
    usage: [{ unit: 'second', quantity: 1.5, of: 'audio_in' }],
  });
  test.equal((await stt.transcribe(spoken([0]), { language: 'pt-BR' }, live())).text, '');
  test.equal(emulator.requests.length, 2);
  for (const fault of [{ kind: 'malformed' }, { kind: 'wrong_shape' }, { kind: 'huge', bytes: 3_000_000 }] as Fault[]) {
    await emulator.setFault(fault);
    const error = await failureOf(test, stt.transcribe(spoken([1]), PORTUGUESE, live()));
    test.equal(error.code, 'protocol');
  }
});
