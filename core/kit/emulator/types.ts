import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Fault } from './faults.ts';

/** The key every emulator accepts unless told otherwise. */
export const EMULATOR_KEY = 'chave-do-emulador';

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
  /** What was answered: the body, or the newest text messages of a stream. */
  replies: string[];
}

export type RefusalKind = 'auth' | 'quota' | 'rate_limited' | 'server_error';

/** What differs from vendor to vendor. */
export interface VendorWire {
  /** The key a request carries. */
  keyOf(headers: IncomingMessage['headers'], query: URLSearchParams): string | undefined;
  refusal(kind: RefusalKind): Reply;
  answer(request: SeenRequest, fault: Fault | null): Reply | Promise<Reply>;
  /** Present where the vendor has a WebSocket. */
  stream?(socket: WebSocket, request: SeenRequest, fault: Fault | null): void;
  /** Present where the vendor accepts a stream first and refuses inside it. Default: the handshake is refused. */
  refuseStream?(socket: WebSocket, request: SeenRequest, kind: RefusalKind): void;
}

export interface EmulatorOptions {
  /** Key that is accepted; null accepts any. Default {@link EMULATOR_KEY}. */
  apiKey?: string | null;
  fault?: Fault | null;
  /** Port to listen on; default: one that is free. */
  port?: number;
  /** Time every answer (and every result of a stream) takes, in ms. Default 0. */
  latencyMs?: number;
}

/** A vendor on loopback. */
export interface Emulator {
  /** `http://127.0.0.1:port`: the base URL without the vendor's path. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** Whether streams are refused by a message, not by the handshake: no status, no Retry-After. */
  readonly refusesInBand: boolean;
  /** Requests not answered to the end and streams not closed. */
  readonly busy: number;
  /** Resolves when nothing is busy any more. */
  idle(): Promise<void>;
  /** Fault from now on, or for the next `times` requests; null heals. Resolves when the port is as it should be. */
  setFault(fault: Fault | null, times?: number): Promise<void>;
  /** Drops every open connection without a word, streams included. */
  dropConnections(): void;
  /** Open streams go half-open: nothing more is read from them, not even their good-bye. */
  pauseStreams(): void;
  /** Resolves when the next request has come in (a handshake counts). */
  nextRequest(): Promise<SeenRequest>;
  close(): Promise<void>;
}
