import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

export interface DeviceOptions {
  /** Where it connects; asked before each attempt. */
  url(): string;
  apiKey: string;
  /** Added to the handshake, or replacing parts of it. */
  handshake?: object;
  /** Bytes per message. */
  chunkBytes?: number;
  /** Bytes of the stream that come into being per millisecond; absent: all are there at once. */
  bytesPerMs?: number;
  /** Whether cards are acknowledged. Default true. */
  acknowledges?: boolean;
  /** A connection that says nothing for so long is given up. Default never. */
  patienceMs?: number;
}

/**
 * A device of protocol 2 as the manual tells to build one: it keeps what is not said to be safe, comes back with its
 * token whenever its connection breaks, and sends on from where the server says.
 */
export class Device {
  /** Everything received, over all connections. */
  readonly messages: Record<string, unknown>[] = [];
  readonly closes: { code: number; reason: string }[] = [];
  /** What the server asked for that this device did not have any more; has to stay empty. */
  readonly impossible: string[] = [];
  readonly #options: DeviceOptions;
  readonly #bytes: Uint8Array;
  readonly #startedAt = performance.now();
  #socket: WebSocket | null = null;
  #token: string | null = null;
  #safe = 0;
  #received = 0;
  #isStopped = false;
  #waiting: { holds: () => boolean; done: () => void }[] = [];
  #connections = 0;

  constructor(bytes: Uint8Array, options: DeviceOptions) {
    this.#bytes = bytes;
    this.#options = options;
  }

  get token(): string | null {
    return this.#token;
  }

  /** Bytes that need not be kept any more. */
  get safe(): number {
    return this.#safe;
  }

  /** The server has the whole stream. */
  get isDone(): boolean {
    return this.#received >= this.#bytes.length;
  }

  /** Connections made so far. */
  get connections(): number {
    return this.#connections;
  }

  /** Messages with this `comando`. */
  of(comando: string): Record<string, unknown>[] {
    return this.messages.filter((message) => message['comando'] === comando);
  }

  /** Sends the whole stream, however often the connection breaks; resolves when the server has all of it. */
  async play(): Promise<void> {
    while (!this.#isStopped && this.#received < this.#bytes.length) {
      await this.#connection();
      if (!this.#isStopped && this.#received < this.#bytes.length) await sleep(5);
    }
  }

  /** Resolves when it holds, looked at after each message. */
  until(holds: (device: this) => boolean): Promise<void> {
    if (holds(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never came: ${holds}; ${this.#summary()}`)), 20_000);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push({ holds: () => holds(this), done });
    });
  }

  say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** Breaks the connection, as a network does. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** Goes away for good. */
  stop(code = 1000): void {
    this.#isStopped = true;
    this.#socket?.close(code);
  }

  /** One connection, from its handshake to its end, or until everything is received. */
  async #connection(): Promise<void> {
    const socket = new WebSocket(this.#options.url(), { perMessageDeflate: false });
    this.#socket = socket;
    this.#connections += 1;
    const over = new Promise<void>((resolve) => {
      socket.on('close', (code, reason) => {
        this.closes.push({ code, reason: reason.toString() });
        this.#look();
        resolve();
      });
    });
    socket.on('error', () => {}); // the close event says it too
    const ready = new Promise<number>((resolve) => {
      socket.on('message', (data) => {
        const message = JSON.parse(data.toString()) as Record<string, unknown>;
        this.#onMessage(message);
        if (message['comando'] === 'pronto') resolve(Number(message['bytes']));
      });
    });
    const opened = once(socket, 'open').catch(() => null);
    if (!(await Promise.race([opened, over.then(() => null)]))) return;
    const resume = this.#token === null ? {} : { retomar: this.#token, desde: this.#safe };
    this.say({ api_key: this.#options.apiKey, protocolo: 2, ...this.#options.handshake, ...resume });
    const from = await Promise.race([ready, over.then(() => null)]);
    if (from === null) return;
    const watch = this.#watch(socket);
    if (from < this.#safe || from > this.#bytes.length) this.impossible.push(`${from} is not in ${this.#safe}…`);
    await this.#send(socket, from);
    await Promise.race([over, this.#allReceived()]);
    clearInterval(watch);
  }

  /** Gives up a connection that says nothing any more. */
  #watch(socket: WebSocket): NodeJS.Timeout {
    const { patienceMs = Number.POSITIVE_INFINITY } = this.#options;
    let heardAt = performance.now();
    socket.on('message', () => {
      heardAt = performance.now();
    });
    return setInterval(() => performance.now() - heardAt > patienceMs && socket.terminate(), 50);
  }

  async #send(socket: WebSocket, from: number): Promise<void> {
    const { chunkBytes = 1024, bytesPerMs } = this.#options;
    for (let at = from; at < this.#bytes.length; ) {
      const there =
        bytesPerMs === undefined ? this.#bytes.length : Math.floor((performance.now() - this.#startedAt) * bytesPerMs);
      const end = Math.min(at + chunkBytes, there, this.#bytes.length);
      if (end <= at) {
        await sleep(5);
        continue;
      }
      if (socket.readyState !== socket.OPEN) return;
      const chunk = this.#bytes.subarray(at, end);
      if (!(await new Promise<boolean>((resolve) => socket.send(chunk, (error) => resolve(!error))))) return;
      at = end;
    }
  }

  #allReceived(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds: () => this.#received >= this.#bytes.length, done: resolve });
      this.#look();
    });
  }

  #onMessage(message: Record<string, unknown>): void {
    this.messages.push(message);
    const { comando } = message;
    if (comando === 'pronto') this.#token = String(message['token_retomada']);
    if (comando === 'ping') this.say({ comando: 'pong' });
    if (comando === 'recomendar' && this.#options.acknowledges !== false) {
      this.say({ comando: 'recebido', interacao_id: message['interacao_id'] });
    }
    if (comando === 'ack') {
      this.#safe = Math.max(this.#safe, Number(message['seguros']));
      this.#received = Math.max(this.#received, Number(message['bytes']));
    }
    this.#look();
  }

  #look(): void {
    const met = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { done } of met) done();
  }

  #summary(): string {
    const { closes, messages } = this;
    return JSON.stringify({ safe: this.#safe, received: this.#received, closes, last: messages.slice(-5) });
  }
}
