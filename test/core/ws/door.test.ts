import { once } from 'node:events';
import t from 'tap';
import { BINARY, clientFrame, rawSocket, TEXT, UPGRADE } from '../../helpers/raw-ws.ts';
import { TestCounter } from '../../helpers/ws-client.ts';
import { GOOD_KEY, startWsServer } from '../../helpers/ws-server.ts';

const HELLO = { api_key: GOOD_KEY };

t.test('handshake and audio in one TCP segment: nothing is lost', async (t) => {
  const server = await startWsServer({
    authenticate: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return {
        status: 'ok',
        identity: {
          counterId: 'c',
          clientId: 'k',
          counterName: 'n',
          keyPrefix: 'bk_teste',
          clientVad: {},
          presetVad: {},
          tags: [],
          revision: 2,
        },
      };
    },
  });
  t.teardown(() => server.app.close());
  const audio = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 251));
  const bytes = Buffer.concat([
    clientFrame(TEXT, JSON.stringify(HELLO)),
    clientFrame(BINARY, audio.subarray(0, 5)),
    clientFrame(BINARY, audio.subarray(5)),
    clientFrame(TEXT, '{"comando":"fim"}'),
  ]);
  for (const withUpgrade of [false, true]) {
    const opened = server.nextSession();
    const socket = await rawSocket(server.port, !withUpgrade);
    socket.write(withUpgrade ? Buffer.concat([Buffer.from(UPGRADE), bytes]) : bytes);
    const session = await opened;
    socket.end();
    t.equal(await session.ended.promise, 'disconnect');
    t.ok(session.audioBytes.equals(audio), `every byte, upgrade in the same segment: ${withUpgrade}`);
    t.equal(session.order.at(-1), 'fim', 'in the order sent');
  }
});

t.test('a frame per byte', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const socket = await rawSocket(server.port);
  const frames = Array.from({ length: 5000 }, (_, index) => clientFrame(BINARY, Buffer.from([index % 256])));
  socket.end(Buffer.concat([clientFrame(TEXT, JSON.stringify(HELLO)), ...frames]));
  const session = await opened;
  await session.ended.promise;
  t.equal(session.frames.length, 5000);
  t.ok(session.audioBytes.every((byte, index) => byte === index % 256));
});

t.test('a key is looked up slowly: reading stops, nothing is lost, memory stays bounded', async (t) => {
  const gate = Promise.withResolvers<void>();
  const server = await startWsServer({
    authenticate: async () => {
      await gate.promise;
      return {
        status: 'ok',
        identity: {
          counterId: 'c',
          clientId: 'k',
          counterName: 'n',
          keyPrefix: 'bk_teste',
          clientVad: {},
          presetVad: {},
          tags: [],
          revision: 2,
        },
      };
    },
  });
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, HELLO);
  const chunk = Buffer.alloc(65_536, 7);
  const total = 32 * 1024 * 1024;
  for (let sent = 0; sent < total; sent += chunk.length) counter.socket.send(chunk);
  for (let before = -1; before !== counter.socket.bufferedAmount; ) {
    before = counter.socket.bufferedAmount;
    await new Promise((resolve) => setTimeout(resolve, 100)); // until the kernel takes no more: nothing announces that
  }
  t.ok(counter.socket.bufferedAmount > total / 2, 'the rest waits at the sender');
  gate.resolve();
  const session = await opened;
  const received = Promise.withResolvers<void>();
  let bytes = 0;
  session.onAudio = (frame) => {
    bytes += frame.byteLength;
    if (bytes === total) received.resolve();
  };
  for (const frame of session.frames) bytes += frame.byteLength;
  await received.promise;
  t.equal(bytes, total);
});

t.test('the session pauses reading and gets the rest afterwards, in order', async (t) => {
  const server = await startWsServer({
    prepare: (session) => {
      session.onAudio = () => {
        if (session.frames.length === 2) session.transport.pause();
      };
    },
  });
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const socket = await rawSocket(server.port);
  const frames = [1, 2, 3, 4].map((byte) => clientFrame(BINARY, Buffer.from([byte])));
  socket.write(
    Buffer.concat([clientFrame(TEXT, JSON.stringify(HELLO)), ...frames, clientFrame(TEXT, '{"comando":"fim"}')]),
  );
  const session = await opened;
  await new Promise((resolve) => setImmediate(resolve));
  t.same(session.order, ['audio:1', 'audio:1']);
  session.transport.resume();
  t.same([...session.audioBytes], [1, 2, 3, 4]);
  t.equal(session.order.at(-1), 'fim');
  socket.destroy();
  t.equal(await session.ended.promise, 'disconnect');
});

t.test('ping, pong, feedback and the commands', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, { comando: 'auth', api_key: GOOD_KEY });
  counter.say({ comando: 'ping' });
  t.same(await counter.receive('pong'), { comando: 'pong' });
  const session = await opened;
  for (const comando of ['pausar', 'retomar', 'fim', 'pong', 'dançar']) counter.say({ comando, extra: 1 });
  counter.say({ comando: 'feedback', interacao_id: 123, resultado: 'aceito' });
  counter.say({ comando: 'feedback', interacao_id: '123', resultado: 'aceito' });
  counter.say({ comando: 'feedback', interacao_id: 123, resultado: 'adorei' });
  counter.say({ comando: 'feedback', interacao_id: 2 ** 31, resultado: 'aceito' });
  for (const text of ['olá', '[]', '{"comando":7}', '{', '{"__proto__":{"comando":"fim"}}']) counter.socket.send(text);
  counter.socket.send('x'.repeat(20_000));
  counter.socket.send(Buffer.from([9]));
  counter.socket.close(1000);
  t.equal(await session.ended.promise, 'disconnect');
  t.same(session.commands, [{ comando: 'pausar' }, { comando: 'retomar' }, { comando: 'fim' }]);
  t.same(server.feedback, [['c1', 123, 'aceito']]);
  t.same(counter.messages, [{ comando: 'pong' }], 'protocol 1 hears nothing else');
  t.same([...session.audioBytes], [9], 'text that is no command disturbs nothing');
});

t.test('protocol 2 is told of a command it got wrong', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const counter = await TestCounter.connect(server.url, { ...HELLO, protocolo: 2 });
  counter.say({ comando: 'dançar' });
  t.match(await counter.receive('erro'), { codigo: 'unknown_command' });
  counter.socket.terminate();
});

t.test('any Origin is welcome, and a plain GET is told what to do', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const counter = new TestCounter(server.url, { origin: 'https://outro.example' });
  await once(counter.socket, 'open');
  counter.socket.terminate();
  const answer = await fetch(server.url.replace('ws:', 'http:'));
  t.equal(answer.status, 426);
  t.match(await answer.json(), { code: 'BALTO_WS_ONLY' });
});

t.test('several connections with one key are separate sessions', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const counters = await Promise.all([1, 2].map(() => TestCounter.connect(server.url, HELLO)));
  for (const counter of counters) counter.say({ comando: 'ping' });
  for (const counter of counters) await counter.receive('pong');
  t.equal(server.sessions.length, 2);
  t.equal(server.app.connections.sessions, 2);
  t.same(server.app.connections.liveKeys(), [{ counterId: 'c1', keyPrefix: 'bk_boa' }]);
  for (const counter of counters) counter.socket.terminate();
  await Promise.all(server.sessions.map(({ ended }) => ended.promise));
  t.equal(server.app.connections.sessions, 0);
});
