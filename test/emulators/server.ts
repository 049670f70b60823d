import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Fault, FaultSwitch } from './faults.ts';
import { send, sendBroken } from './replies.ts';

/** The key every emulator accepts unless told otherwise. */
export const EMULATOR_KEY = 'chave-do-emulador';
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** Text of the body, or its pieces (an event stream). */
  body: string | string[];
}

/** One request as it came; the key is not kept, only whether it was right. */
export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  authorized: boolean;
  body: Buffer;
  /** Text messages of a stream, in order, and what it was given of audio. */
  messages: string[];
  audioBytes: number;
  emptyFrames: number;
  /** Whether the client's side has closed the stream. */
  closed: boolean;
}

export type RefusalKind = 'auth' | 'quota' | 'rate_limited' | 'server_error';

/** What differs from vendor to vendor. */
export interface VendorWire {
  /** The key a request carries. */
  keyOf(headers: IncomingMessage['headers']): string | undefined;
  refusal(kind: RefusalKind): Reply;
  answer(request: SeenRequest, fault: Fault | null): Reply | Promise<Reply>;
  /** Present where the vendor has a WebSocket. */
  stream?(socket: WebSocket, request: SeenRequest, fault: Fault | null): void;
}

export interface EmulatorOptions {
  /** Key that is accepted; null accepts any. Default {@link EMULATOR_KEY}. */
  apiKey?: string | null;
  fault?: Fault | null;
  /** Port to listen on; default: any free one. */
  port?: number;
  /** Time every answer (and every result of a stream) takes, in ms. Default 0. */
  latencyMs?: number;
}

/** A vendor on loopback. */
export interface Emulator {
  /** `http://127.0.0.1:port`: the base URL without the vendor's path. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Fault from now on, or for the next `times` requests; null heals. Resolves when the port is as it should be. */
  setFault(fault: Fault | null, times?: number): Promise<void>;
  /** Drops every open connection without a word, streams included. */
  dropConnections(): void;
  /** Resolves when the next request has come in (a handshake counts). */
  nextRequest(): Promise<SeenRequest>;
  close(): Promise<void>;
}

/** Starts a vendor on 127.0.0.1. */
export async function startEmulator(wire: VendorWire, options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = new HttpEmulator(wire, options);
  await emulator.listen(options.port ?? 0);
  if (options.fault?.kind === 'refuse') await emulator.setFault(options.fault);
  return emulator;
}

class HttpEmulator implements Emulator {
  readonly requests: SeenRequest[] = [];
  readonly #wire: VendorWire;
  readonly #options: EmulatorOptions;
  readonly #faults: FaultSwitch;
  readonly #sockets = new Set<Socket>();
  readonly #webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 24 });
  #server: Server | undefined;
  #port = 0;
  #waiting: ((request: SeenRequest) => void)[] = [];

  constructor(wire: VendorWire, options: EmulatorOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#faults = new FaultSwitch(options.fault ?? null);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    const server = createServer((request, response) => void this.#onRequest(request, response));
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined); // a client that vanishes is what these tests are about
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async setFault(fault: Fault | null, times?: number): Promise<void> {
    this.#faults.set(fault, times);
    if (fault?.kind === 'refuse') await this.#stop();
    else if (!this.#server) await this.listen(this.#port);
  }

  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  nextRequest(): Promise<SeenRequest> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): Promise<void> {
    return this.#stop();
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.dropConnections();
    await closed;
  }

  async #onRequest(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of message as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) return void message.destroy();
        chunks.push(chunk);
      }
    } catch {
      return; // the client went away before it had asked
    }
    const fault = this.#faults.take();
    const request = this.#record(message, Buffer.concat(chunks));
    if (fault?.kind === 'silence') return;
    const early = this.#refusalFor(fault, request);
    const delayMs = fault?.kind === 'latency' ? fault.ms : (this.#options.latencyMs ?? 0);
    const reply = early ?? (await this.#wire.answer(request, fault));
    setTimeout(() => (early ? send(response, reply) : sendBroken(response, reply, fault)), delayMs);
  }

  #onUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = this.#faults.take();
    const request = this.#record(message, Buffer.alloc(0));
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'reset') return void (socket as Socket).resetAndDestroy();
    const stream = this.#wire.stream?.bind(this.#wire);
    const notFound = stream ? undefined : { status: 404, body: 'not found' };
    const reply = this.#refusalFor(fault, request) ?? notFound;
    if (reply) return void socket.end(rawReply(reply));
    const accept = () =>
      this.#webSockets.handleUpgrade(message, socket, head, (opened) => {
        opened.on('error', () => undefined); // the close event says what there is to say
        opened.once('close', () => {
          request.closed = true;
        });
        stream?.(opened, request, fault);
      });
    if (fault?.kind === 'latency') setTimeout(accept, fault.ms);
    else accept();
  }

  #record(message: IncomingMessage, body: Buffer): SeenRequest {
    const url = new URL(message.url ?? '/', this.url);
    const expected = this.#options.apiKey === undefined ? EMULATOR_KEY : this.#options.apiKey;
    const key = this.#wire.keyOf(message.headers);
    const request: SeenRequest = {
      method: message.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: withoutKey(message.headers, key),
      authorized: expected === null || key === expected,
      body,
      messages: [],
      audioBytes: 0,
      emptyFrames: 0,
      closed: false,
    };
    this.requests.push(request);
    for (const resolve of this.#waiting.splice(0)) resolve(request);
    return request;
  }

  #refusalFor(fault: Fault | null, request: SeenRequest): Reply | undefined {
    switch (fault?.kind) {
      case 'auth':
      case 'quota':
      case 'server_error':
        return this.#wire.refusal(fault.kind);
      case 'rate_limited': {
        const reply = this.#wire.refusal('rate_limited');
        return fault.retryAfter ? { ...reply, headers: { ...reply.headers, 'retry-after': fault.retryAfter } } : reply;
      }
      case 'status':
        return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' };
      case 'redirect':
        return { status: 302, headers: { location: fault.location }, body: '' };
      default:
        return request.authorized ? undefined : this.#wire.refusal('auth');
    }
  }
}

function withoutKey(headers: IncomingMessage['headers'], key: string | undefined): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    kept[name] = key ? text.replaceAll(key, '***') : text;
  }
  return kept;
}

function rawReply(reply: Reply): string {
  const body = typeof reply.body === 'string' ? reply.body : reply.body.join('');
  const headers = { ...reply.headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status} Emulated\r\n${lines.join('')}\r\n${body}`;
}
