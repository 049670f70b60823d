import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A bad network in front of a server: each connection dies after so many bytes from its client, in the order given; past
 * the list they live. `how` `reset`: both ends are told. `silence`: nobody is, and nothing passes any more.
 */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that were cut. */
  cuts = 0;
  /** Where new connections go. */
  target: { host: string; port: number };

  constructor(target: { host: string; port: number }, cutAfter: number[], how: 'reset' | 'silence' = 'reset') {
    this.target = target;
    const left = [...cutAfter];
    this.#server = createServer((near) => {
      const far = connect(this.target);
      let bytesLeft = left.shift() ?? Number.POSITIVE_INFINITY;
      this.#pair(near, far);
      near.on('data', (chunk: Buffer) => {
        if (chunk.length < bytesLeft) {
          bytesLeft -= chunk.length;
          if (!far.write(chunk)) near.pause();
          return;
        }
        if (bytesLeft === 0) return;
        const rest = chunk.subarray(0, bytesLeft);
        bytesLeft = 0;
        this.cuts += 1;
        // What passed is delivered; the rest of the chunk never was sent, as far as the server can tell.
        far.write(rest, () => how === 'reset' && cut(near, far));
      });
      far.on('drain', () => near.resume());
      far.on('data', (chunk: Buffer) => bytesLeft > 0 && near.write(chunk));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pair(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => {}); // dropping connections is what it is for
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

function cut(near: Socket, far: Socket): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}
