import type { CounterTransport } from './types.ts';

/**
 * The way to a device whose connections come and go while its session goes on: whoever speaks to it speaks to the
 * connection of the moment. What is said while there is none is not sent, and the caller is told so.
 */
export class DeviceLink implements CounterTransport {
  #transport: CounterTransport | null = null;
  #isPaused = false;
  #closing: { code: number; reason: string } | null = null;

  get isConnected(): boolean {
    return this.#transport !== null;
  }

  /** A new connection takes the place of the one there was, which is the answer. */
  attach(transport: CounterTransport): CounterTransport | null {
    const before = this.#transport;
    this.#transport = transport;
    if (this.#isPaused) transport.pause();
    if (this.#closing) transport.close(this.#closing.code, this.#closing.reason);
    return before;
  }

  /** A connection is gone; false when another one had taken its place. */
  detach(transport: CounterTransport): boolean {
    if (this.#transport !== transport) return false;
    this.#transport = null;
    return true;
  }

  send(message: object): boolean {
    return this.#transport?.send(message) ?? false;
  }

  /** Holds also for the connections to come: the session is over. */
  close(code: number, reason: string): void {
    this.#closing = { code, reason };
    this.#transport?.close(code, reason);
  }

  pause(): void {
    this.#isPaused = true;
    this.#transport?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#transport?.resume();
  }

  probe(alive: () => void): void {
    this.#transport?.probe?.(alive);
  }
}
