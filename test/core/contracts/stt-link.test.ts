import t from 'tap';
import {
  ConnectError,
  type ConnectOptions,
  ProviderError,
  type SttEvent,
  SttLink,
} from '../../../core/contracts/index.ts';
import { failureOf, fastClock } from '../../helpers/provider.ts';

/** A link, and the vendor's end of its socket. */
function arrange(options: { signal?: AbortSignal; refuse?: Error; bufferedBytes?: number } = {}) {
  const sent: (string | Uint8Array)[] = [];
  const ends: string[] = [];
  const signal = options.signal ?? new AbortController().signal;
  const vendor: { socket?: ConnectOptions } = {};
  let endings = 0;
  const link = new SttLink({
    vendor: 'Acme',
    model: 'acme-1',
    sampleRateHz: 16_000,
    clock: fastClock(50),
    signals: [signal],
    onEnding: () => endings++,
  });
  const opening = link.open(
    async (_url, socket) => {
      vendor.socket = socket;
      if (options.refuse) throw options.refuse;
      return {
        send: (data) => void sent.push(data),
        bufferedBytes: options.bufferedBytes ?? 0,
        close: () => void ends.push('close'),
        terminate: () => void ends.push('terminate'),
      };
    },
    {
      url: 'wss://acme.example',
      headers: {},
      signal,
      refuse: (status) => new ProviderError({ code: 'quota', message: `HTTP ${status}` }),
      onMessage: (message) =>
        message['type'] === 'hello' ? link.accept() : link.emit({ type: 'partial', text: 'oi' }),
      onClose: (code) =>
        link.socketClosed(link.isClosing, () => new ProviderError({ code: 'server', message: `${code}` })),
    },
  );
  const say = (text: string) => vendor.socket?.onMessage(text);
  return { link, opening, sent, ends, vendor, say, endings: () => endings };
}

t.test('what is said before the socket is known is said as soon as it is, in order and first', async (test) => {
  const { link, opening, sent, say } = arrange();
  link.sendMessage({ type: 'session', language: 'pt' });
  link.sendMessage({ type: 'terms' });
  test.same(sent, [], 'there is nobody to say it to');
  say('{"type":"hello"}');
  await opening;
  link.sendMessage({ type: 'later' });
  test.same(sent, ['{"type":"session","language":"pt"}', '{"type":"terms"}', '{"type":"later"}']);
});

t.test('what waits for the socket is bounded', async (test) => {
  const { link, opening, sent, ends } = arrange();
  for (let i = 0; i < 17; i++) link.sendMessage({ type: 'flood' });
  test.match(await failureOf(test, opening), { code: 'protocol' });
  test.same(sent, [], 'nothing of it is sent');
  test.same(ends, ['terminate']);
});

async function rest(link: SttLink): Promise<SttEvent[]> {
  const events: SttEvent[] = [];
  for (;;) {
    const { value, done } = await link.events.next();
    if (done) return events;
    events.push(value);
  }
}

t.test('opens when the vendor has accepted, bills what was given, ends once', async (test) => {
  const { link, opening, sent, ends, say, endings } = arrange();
  let isOpen = false;
  const opened = opening.then(() => {
    isOpen = true;
  });
  await new Promise(setImmediate);
  test.notOk(isOpen, 'the socket is not the session');
  say('{"type":"hello"}');
  await opened;
  link.sendAudio(new Uint8Array(3200), 1600);
  link.done(7, 100);
  link.end();
  link.fail(new ProviderError({ code: 'server', message: 'late' }));
  link.sendAudio('more', 1);
  test.same(await rest(link), [
    { type: 'usage', usage: [{ unit: 'second', quantity: 0.1, of: 'audio_in', model: 'acme-1' }] },
    { type: 'done', marker: 7, throughMs: 100 },
  ]);
  test.equal(sent.length, 1);
  test.same(ends, ['close']);
  test.equal(endings(), 1);
});

t.test('what goes wrong before the vendor accepts is what open throws', async (test) => {
  const refused = arrange({ refuse: new ConnectError('HTTP 402', { status: 402 }) });
  test.equal((await failureOf(test, refused.opening)).code, 'quota');
  const unreachable = arrange({ refuse: new ConnectError('ECONNREFUSED') });
  test.match(await failureOf(test, unreachable.opening), { code: 'connection', vendorCode: 'ECONNREFUSED' });
  const gibberish = arrange();
  gibberish.say('{"type":');
  test.equal((await failureOf(test, gibberish.opening)).code, 'protocol');
  test.same(gibberish.ends, ['terminate'], 'also when the socket opens after it');
  const closed = arrange();
  closed.vendor.socket?.onClose(1011, '');
  test.equal((await failureOf(test, closed.opening)).code, 'server');
  const abort = new AbortController();
  const dropped = arrange({ signal: abort.signal });
  abort.abort();
  dropped.vendor.socket?.onClose(1006, '');
  test.equal((await failureOf(test, dropped.opening)).code, 'aborted');
});

t.test('a close is bounded, and a late one may be an error', async (test) => {
  for (const isAnError of [false, true]) {
    const { link, opening, say, ends } = arrange();
    const onLate = () => link.fail(new ProviderError({ code: 'timeout', message: 'late' }));
    say('{"type":"hello"}');
    await opening;
    let goodbyes = 0;
    const late = isAnError ? { boundMs: 500, onLate } : {};
    await Promise.all([link.close(() => goodbyes++, late), link.close(() => goodbyes++, late)]);
    test.equal(goodbyes, 1);
    test.equal(ends[0], 'terminate');
    if (isAnError) test.equal((await failureOf(test, rest(link))).code, 'timeout');
    else test.same(await rest(link), []);
  }
});

t.test('a peer that does not read, or says more than is read, loses the stream', async (test) => {
  const stuck = arrange({ bufferedBytes: 20_000_000 });
  stuck.say('{"type":"hello"}');
  await stuck.opening;
  stuck.link.sendAudio('audio', 1600);
  test.equal((await failureOf(test, rest(stuck.link))).code, 'connection');
  const loud = arrange();
  loud.say('{"type":"hello"}');
  await loud.opening;
  for (let marker = 0; marker < 10_001; marker++) loud.link.done(marker, 0);
  test.ok(loud.link.isOver);
  test.equal((await failureOf(test, rest(loud.link))).code, 'protocol');
});
