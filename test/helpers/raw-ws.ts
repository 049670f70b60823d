import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export const UPGRADE = [
  'GET /ws HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

export const TEXT = 1;
export const BINARY = 2;

/** One client frame of RFC 6455 §5.2, masked, unfragmented unless `final` is false. */
export function clientFrame(opcode: number, payload: Uint8Array | string, final = true): Buffer {
  const body = Buffer.from(payload as string);
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(body.map((byte, index) => byte ^ (mask[index % 4] as number)));
  const head =
    body.length < 126
      ? Buffer.from([0, 0x80 | body.length])
      : body.length < 65_536
        ? Buffer.from([0, 0x80 | 126, body.length >> 8, body.length & 255])
        : Buffer.concat([Buffer.from([0, 0x80 | 127]), uint64(body.length)]);
  head[0] = (final ? 0x80 : 0) | opcode;
  return Buffer.concat([head, mask, masked]);
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A TCP connection; `open` false leaves the upgrade request to the test. */
export async function rawSocket(port: number, open = true): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => {}); // the server may drop us: that is what some tests are about
  if (open) {
    socket.write(UPGRADE);
    await once(socket, 'data');
  }
  return socket;
}
