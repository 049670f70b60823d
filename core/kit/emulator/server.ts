import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Fault, FaultSwitch } from './faults.ts';
import { rawReply, send, sendBroken } from './replies.ts';
import {
  EMULATOR_KEY,
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  type VendorWire,
} from './types.ts';

export * from './types.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Messages of one stream that are remembered. */
const KEPT_REPLIES = 200;

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
  #busy = 0;
  #idleWaiting: (() => void)[] = [];

  constructor(wire: VendorWire, options: EmulatorOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#faults = new FaultSwitch(options.fault ?? null);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get refusesInBand(): boolean {
    return this.#wire.refuseStream !== undefined;
  }

  get busy(): number {
    return this.#busy;
  }

  idle(): Promise<void> {
    return this.#busy === 0 ? Promise.resolve() : new Promise((resolve) => this.#idleWaiting.push(resolve));
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

  pauseStreams(): void {
    for (const socket of this.#webSockets.clients) socket.pause();
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
    this.#occupy(response);
    const body = await readBody(message);
    if (!body) return;
    const fault = this.#faults.take();
    const request = this.#record(message, body);
    if (fault?.kind === 'silence') return;
    const early = this.#refusalFor(fault, request);
    const delayMs = fault?.kind === 'latency' ? fault.ms : (this.#options.latencyMs ?? 0);
    const reply = early ?? (await this.#wire.answer(request, fault));
    request.replies.push(...(typeof reply.body === 'string' ? [reply.body] : reply.body));
    setTimeout(() => (early ? send(response, reply) : sendBroken(response, reply, fault)), delayMs);
  }

  #onUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#occupy(socket);
    const fault = this.#faults.take();
    const request = this.#record(message, Buffer.alloc(0));
    if (fault?.kind === 'silence') return void socket.resume().once('end', () => socket.destroy());
    if (fault?.kind === 'reset') return void (socket as Socket).resetAndDestroy();
    const reply = this.#wire.stream ? this.#refusalFor(fault, request) : { status: 404, body: 'not found' };
    const inBand = reply && this.#refusedInBand(fault, request);
    if (reply && !inBand) {
      request.replies.push(rawReply(reply));
      return void socket.end(rawReply(reply));
    }
    const accept = () =>
      this.#webSockets.handleUpgrade(message, socket, head, (opened) => {
        opened.on('error', () => undefined); // the close event says what there is to say
        opened.once('close', () => {
          request.closed = true;
        });
        keepReplies(opened, request);
        if (fault?.kind === 'half_open') opened.pause();
        else if (inBand) this.#wire.refuseStream?.(opened, request, inBand);
        else this.#wire.stream?.(opened, request, fault);
      });
    if (fault?.kind === 'latency') setTimeout(accept, fault.ms);
    else accept();
  }

  /** What a stream is refused for by a message; undefined where the handshake says it. */
  #refusedInBand(fault: Fault | null, request: SeenRequest): RefusalKind | undefined {
    if (!this.refusesInBand) return undefined;
    switch (fault?.kind) {
      case 'auth':
      case 'quota':
      case 'rate_limited':
      case 'server_error':
        return fault.kind;
      default:
        return fault?.kind === 'status' || fault?.kind === 'redirect' || request.authorized ? undefined : 'auth';
    }
  }

  #occupy(what: ServerResponse | Duplex): void {
    this.#busy++;
    what.once('close', () => {
      this.#busy--;
      if (this.#busy === 0) for (const resolve of this.#idleWaiting.splice(0)) resolve();
    });
  }

  #record(message: IncomingMessage, body: Buffer): SeenRequest {
    const url = new URL(message.url ?? '/', this.url);
    const expected = this.#options.apiKey === undefined ? EMULATOR_KEY : this.#options.apiKey;
    const key = this.#wire.keyOf(message.headers, url.searchParams);
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
      replies: [],
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

/** Undefined when the client went away before it had asked, or asks for too much. */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        message.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function keepReplies(socket: WebSocket, request: SeenRequest): void {
  const send = socket.send.bind(socket) as (...given: unknown[]) => void;
  socket.send = ((...given: unknown[]) => {
    if (typeof given[0] === 'string') request.replies.push(given[0]);
    if (request.replies.length > KEPT_REPLIES) request.replies.shift();
    send(...given);
  }) as typeof socket.send;
}
