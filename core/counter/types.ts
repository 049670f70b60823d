import type { VadSettings } from '../audio/settings.ts';

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
}

export interface DeclaredAudio {
  format: 'pcm_s16le' | 'webm' | 'ogg' | 'wav';
  sampleRateHz?: number;
  channels?: number;
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

export type OpenSession = (
  identity: CounterIdentity,
  handshake: Handshake,
  transport: CounterTransport,
) => CounterSession;
