import { once } from 'node:events';
import WebSocket from 'ws';

/** A counter as a test drives it: everything it received, and how it was closed. */
export class TestCounter {
  readonly socket: WebSocket;
  readonly messages: Record<string, unknown>[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: {
    matches: (message: Record<string, unknown>) => boolean;
    found: (message: Record<string, unknown>) => void;
  }[] = [];

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on('error', () => {}); // the close event says it too
    this.socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      this.messages.push(message);
      this.#waiting = this.#waiting.filter(({ matches, found }) => {
        if (!matches(message)) return true;
        found(message);
        return false;
      });
    });
  }

  static async connect(url: string, first?: object): Promise<TestCounter> {
    const counter = new TestCounter(url);
    await once(counter.socket, 'open');
    if (first) counter.say(first);
    return counter;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message with this `comando`, or the first one that came already. */
  receive(comando: string): Promise<Record<string, unknown>> {
    const matches = (message: Record<string, unknown>) => message['comando'] === comando;
    const known = this.messages.find(matches);
    if (known) return Promise.resolve(known);
    return new Promise((found) => this.#waiting.push({ matches, found }));
  }
}
