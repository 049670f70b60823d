import { once } from 'node:events';
import t from 'tap';
import { TestCounter } from '../../helpers/ws-client.ts';
import { GOOD_KEY, startWsServer } from '../../helpers/ws-server.ts';

const HELLO = { api_key: GOOD_KEY };

t.test('liveness: pings that are answered keep a silent counter, else 4008', async (t) => {
  const limits = { livenessMs: { 1: 400, 2: 120 } as const, pingMs: 30, sweepMs: 10, idlePingMs: 100_000 };
  const server = await startWsServer({ limits });
  t.teardown(() => server.app.close());
  const answering = await TestCounter.connect(server.url, { ...HELLO, protocolo: 2 });
  const mute = new TestCounter(server.url);
  (mute.socket as unknown as { _autoPong: boolean })._autoPong = false;
  await once(mute.socket, 'open');
  mute.say({ ...HELLO, protocolo: 2 });
  t.match(await mute.closed, { code: 4008, reason: 'sem sinal do balcão' });
  answering.say({ comando: 'ping' });
  t.ok(await answering.receive('pong'), 'the one that answers pings is still here');
  const first = new TestCounter(server.url);
  (first.socket as unknown as { _autoPong: boolean })._autoPong = false;
  await once(first.socket, 'open');
  const startedAt = performance.now();
  first.say(HELLO);
  t.match(await first.closed, { code: 4008 });
  t.ok(performance.now() - startedAt >= 390, 'protocol 1 has the longer patience');
});

t.test('the JSON ping waits until the device has been silent', async (t) => {
  const server = await startWsServer({ limits: { idlePingMs: 60, sweepMs: 10 } });
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, HELLO);
  await opened;
  const startedAt = performance.now();
  t.same(await counter.receive('ping'), { comando: 'ping' });
  t.ok(performance.now() - startedAt >= 45);
  t.equal(counter.messages.length, 1, 'nothing came before it');
});

t.test('4008: a client that never reads is dropped at its bound, others stay', async (t) => {
  const server = await startWsServer({ limits: { sweepMs: 10, closeMs: 50 } });
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const deaf = await TestCounter.connect(server.url, HELLO);
  const session = await opened;
  deaf.socket.pause();
  const other = await TestCounter.connect(server.url, HELLO);
  const message = { comando: 'recomendar', texto: 'x'.repeat(65_536) };
  let sent = 0;
  while (session.transport.send(message)) {
    if (++sent > 2000) break;
    if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(sent < 2000, 'sending ends');
  t.equal(await session.ended.promise, 'disconnect');
  t.equal(session.transport.send(message), false);
  other.say({ comando: 'ping' });
  t.ok(await other.receive('pong'));
});
