import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import t from 'tap';
import { BINARY, clientFrame, rawSocket, TEXT } from '../../helpers/raw-ws.ts';
import { TestCounter } from '../../helpers/ws-client.ts';
import { GOOD_KEY, startWsServer } from '../../helpers/ws-server.ts';

const HELLO = JSON.stringify({ api_key: GOOD_KEY });
let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);

t.test('20,000 random frames, in every state: nobody else notices', async (t) => {
  const server = await startWsServer({ limits: { refusalMs: 1 } });
  t.teardown(() => server.app.close());
  const good = await TestCounter.connect(server.url, JSON.parse(HELLO));
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 200; round++) {
    const socket = await rawSocket(server.port);
    const frames = Array.from({ length: 100 }, (_, index) => {
      const payload = randomBytes(Math.floor(Math.random() * 300));
      return clientFrame(index % 3 === 0 ? TEXT : BINARY, index % 3 === 0 ? payload.toString('base64') : payload);
    });
    const handshake = round % 4 === 0 ? [] : [clientFrame(TEXT, round % 4 === 1 ? '{"api_key":"x"}' : HELLO)];
    socket.resume().end(Buffer.concat([...handshake, ...frames]));
    await once(socket, 'close');
  }
  good.say({ comando: 'ping' });
  t.ok(await good.receive('pong'));
  t.ok(process.memoryUsage.rss() - before < 100 * 1024 * 1024, 'memory is bounded');
  t.equal(unhandled, 0);
  t.equal(server.app.connections.pending, 0);
});

t.test('random bytes in place of frames', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  for (let round = 0; round < 100; round++) {
    const socket = await rawSocket(server.port);
    if (round % 2 === 0) socket.write(clientFrame(TEXT, HELLO));
    socket.resume().end(randomBytes(2000));
    await once(socket, 'close');
  }
  const good = await TestCounter.connect(server.url, JSON.parse(HELLO));
  good.say({ comando: 'ping' });
  t.ok(await good.receive('pong'));
  t.equal(unhandled, 0);
});

t.test('invalid UTF-8, unmasked frames and endless fragments are closed by the library', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const closeCode = async (bytes: Buffer): Promise<number> => {
    const socket = await rawSocket(server.port);
    socket.write(bytes);
    const [frame] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return frame[0] === 0x88 ? frame.readUInt16BE(2) : -1;
  };
  t.equal(await closeCode(clientFrame(TEXT, Buffer.from([0xff, 0xfe]))), 1007);
  t.equal(await closeCode(Buffer.from([0x81, 0x01, 0x41])), 1002);
  const fragments = Array.from({ length: 17_000 }, (_, index) => clientFrame(index === 0 ? BINARY : 0, 'x', false));
  t.equal(await closeCode(Buffer.concat(fragments)), 1008);
});

for (const [what, ping] of [
  ['JSON', clientFrame(TEXT, '{"comando":"ping"}')],
  ['WebSocket', clientFrame(9, 'x'.repeat(120))],
] as const)
  t.test(`a flood of ${what} pings by a client that does not read is cut off`, async (t) => {
    const server = await startWsServer({ limits: { unreadBytes: 65_536, closeMs: 50 } });
    t.teardown(() => server.app.close());
    const opened = server.nextSession();
    const socket = await rawSocket(server.port);
    socket.pause();
    socket.write(clientFrame(TEXT, HELLO));
    const session = await opened;
    const flood = Buffer.concat(Array.from({ length: 2000 }, () => ping));
    const pump = () => {
      while (!socket.destroyed && socket.write(flood)); // until the kernel is full
    };
    socket.on('drain', pump);
    pump();
    t.equal(await session.ended.promise, 'disconnect');
    socket.destroy();
  });
