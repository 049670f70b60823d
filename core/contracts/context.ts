/**
 * What the core hands to a provider. Everything that touches the world comes through here, so that a test needs no
 * network and no rule about hosts, keys or bodies is left to a plugin.
 */
export interface ProviderContext {
  /** WHATWG fetch. Honours `signal`. Refuses hosts that the vendor's manifest or the settings' base URL do not name. */
  fetch: typeof globalThis.fetch;
  /** Opens a WebSocket; resolves at `open`, rejects with {@link ConnectError} when the handshake fails. */
  connect: Connect;
  clock: Clock;
  /** 0 (included) to 1 (excluded). */
  random: () => number;
  log: Log;
  /** Fires when the provider instance must let go of everything. */
  signal: AbortSignal;
}

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Wall clock. */
  date(): Date;
  /** Calls `run` once after `ms`; the returned function cancels. Does not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Structured log: data first, a fixed message second. No transcript, key or voice in either. */
export interface Log {
  debug(data: Record<string, unknown>, message: string): void;
  info(data: Record<string, unknown>, message: string): void;
  warn(data: Record<string, unknown>, message: string): void;
  error(data: Record<string, unknown>, message: string): void;
}

export interface ConnectOptions {
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** Default 1 MiB. A larger message closes the connection with 1009. */
  maxMessageBytes?: number;
  /** Text frames come as string, binary ones as bytes. Called in order, from the first byte on. */
  onMessage(data: string | Uint8Array): void;
  /** Called exactly once after a successful open, whoever closed. `code` 1006 when the peer vanished. */
  onClose(code: number, reason: string): void;
}

export type Connect = (url: string, options: ConnectOptions) => Promise<Connection>;

export interface Connection {
  /** The bytes are copied before it returns. */
  send(data: string | Uint8Array): void;
  /** Bytes accepted but not yet given to the kernel. */
  readonly bufferedBytes: number;
  close(code?: number, reason?: string): void;
  /** Drops the socket at once. */
  terminate(): void;
}

/** The handshake of {@link Connect} failed: `status` and bounded `body` when the server answered with HTTP. */
export class ConnectError extends Error {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;
  /** At most 4 KiB. */
  readonly body: string;

  constructor(message: string, detail: { status?: number; headers?: Record<string, string>; body?: string } = {}) {
    super(message);
    this.name = 'ConnectError';
    this.status = detail.status;
    this.headers = detail.headers ?? {};
    this.body = (detail.body ?? '').slice(0, 4096);
  }
}
