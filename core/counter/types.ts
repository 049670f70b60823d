import type { VadSettings } from '../audio/settings.ts';
import type { DeclaredAudio } from '../audio/types.ts';

/** A counter whose key was accepted. */
export interface CounterIdentity {
  counterId: string;
  clientId: string;
  counterName: string;
  /** First characters of the key it came with: closed when the key is changed for another. */
  keyPrefix: string;
  /** Layers below and above the handshake, field by field: client < handshake < counter preset. */
  clientVad: Partial<VadSettings>;
  presetVad: Partial<VadSettings>;
  /** What routing rules know it by. */
  tags: readonly string[];
  /** Changes with any of the above. */
  revision: number;
}

/** What the handshake asked for, already validated. */
export interface Handshake {
  protocol: 1 | 2;
  vad: Partial<VadSettings>;
  /** Declared format; absent: recognised from the first bytes. */
  audio?: DeclaredAudio;
  /** A session to go on with, instead of a new one; protocol 2 only. */
  resume?: ResumeWish;
}

/** What a device says of the session it wants to go on with. */
export interface ResumeWish {
  token: string;
  /** First byte of the stream that it still has; absent: all that was not said to be safe. */
  keptFrom?: number;
}

/** The socket as a session sees it: a counter's WebSocket today, a telephone leg later. */
export interface CounterTransport {
  /** Sends one JSON message; false when the peer is gone or closing. */
  send(message: object): boolean;
  close(code: number, reason: string): void;
  /** Stops and resumes reading from the peer: TCP backpressure, nothing is dropped. */
  pause(): void;
  resume(): void;
  /** Asks the peer for a sign of life; called when it comes, after everything the peer sent before it. Absent: nobody asks. */
  probe?(alive: () => void): void;
}

/** One conversation. Every method is synchronous except `end`, and none throws for what the peer sent. */
export interface CounterSession {
  readonly sessionId: string;
  /** `bytes` is borrowed until return. */
  audio(bytes: Uint8Array): void;
  /** A JSON object with a known `comando`, after the handshake; ping and pong are answered by the transport's owner. */
  command(message: Record<string, unknown>): void;
  /**
   * The peer is gone, or the server drains: finishes, transcribes and stores what was heard. `drain` after another reason
   * hurries the end: what no provider answers now is not tried again.
   */
  end(why: 'disconnect' | 'client_end' | 'drain'): Promise<void>;
}

/** A session that outlives its connections: it waits for its device for a while. */
export interface ResumableSession extends CounterSession {
  /** A connection of its device, also the first one; the one there was is told that it was replaced. */
  attach(transport: CounterTransport, keptFrom?: number): void;
  /** A connection broke. Nothing happens when another one has taken its place. */
  detach(transport: CounterTransport): void;
}

/** `unknown`: no such session, not this counter's, or its time is over. `unavailable`: nobody can tell now. */
export type Resumed = { status: 'ok'; session: ResumableSession } | { status: 'unknown' | 'unavailable' };

/** Finds a session for a device that comes back; whoever asked attaches its connection. Never rejects. */
export type ResumeSession = (identity: CounterIdentity, wish: ResumeWish) => Promise<Resumed>;

/** Opens a session; of protocol 2 one that outlives this connection, which is attached to it. */
export type OpenSession = (
  identity: CounterIdentity,
  handshake: Handshake,
  transport: CounterTransport,
) => CounterSession | ResumableSession;
