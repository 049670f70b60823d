import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A door in front of a TCP server that a test can shut: new connections are refused, open ones are dropped. */
export class TcpProxy {
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  readonly #lines: { near: Socket; far: Socket }[] = [];
  readonly #censor: (() => Duplex) | undefined;
  #server: Server | null = null;
  #port = 0;

  /** `censor` makes what stands, on each connection, between what the server says and who hears it. */
  constructor(target: { host: string; port: number }, censor?: () => Duplex) {
    this.#target = target;
    this.#censor = censor;
  }

  /** The same for the proxy's whole life, open or shut. */
  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.#target);
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
      near.pipe(far);
      this.#lines.push({ near, far });
      if (this.#censor) far.pipe(this.#censor()).pipe(near);
      else far.pipe(near);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** What clients send stays on its way until {@link letGo}; the connections live on. */
  hold(): void {
    for (const { near, far } of this.#lines) near.unpipe(far);
  }

  letGo(): void {
    for (const { near, far } of this.#lines) near.pipe(far);
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }
}
