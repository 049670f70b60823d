import type { Clock, Log } from '../contracts/index.ts';
import type { CounterIdentity, OpenSession, ResumeSession } from '../counter/types.ts';
import type { LiveKey, Refusal } from '../store/counters.ts';

/** What became of a key. `unavailable`: nobody can tell now (the database is away). */
export type AuthenticateResult =
  | { status: 'ok'; identity: CounterIdentity; admit?: Admit }
  | { status: 'unknown' | 'pending' | 'suspended' | 'revoked' }
  | { status: 'unavailable' };

/** Looks a key up. Must take the same path whether the key exists or not. */
export type Authenticate = (apiKey: string) => Promise<AuthenticateResult>;

export type FeedbackResult = 'aceito' | 'recusado' | 'ignorado';

export interface WsLimits {
  maxFrameBytes: number;
  /** Largest handshake, and largest command after it, in bytes. */
  textBytes: number;
  handshakeMs: number;
  authenticateMs: number;
  /** Finding a session to go on with, which another process may have to let go of. */
  resumeMs: number;
  /** Refusals of a key are answered this long after the handshake, whatever the lookup took. */
  refusalMs: number;
  /** WebSocket ping frames. */
  pingMs: number;
  /** The JSON ping, after this long without a frame from the device. */
  idlePingMs: number;
  /** Longest time without a frame and without a pong, by protocol. */
  livenessMs: Record<1 | 2, number>;
  /** Bytes the client may leave unread. */
  unreadBytes: number;
  /** Connections that have not been let in yet, at once. */
  pendingConnections: number;
  /** How long draining waits for what was heard to be finished. */
  drainMs: number;
  /** From our close frame to dropping a socket that does not answer it. */
  closeMs: number;
  /** One timer looks after all connections, this often: twice within the second in which a revocation must be felt. */
  sweepMs: number;
}

/** protocol.md §1.1, §1.2. */
export const DEFAULT_WS_LIMITS: WsLimits = {
  maxFrameBytes: 1_048_576,
  textBytes: 16_384,
  handshakeMs: 10_000,
  authenticateMs: 5000,
  resumeMs: 8000,
  refusalMs: 150,
  pingMs: 15_000,
  idlePingMs: 25_000,
  livenessMs: { 1: 300_000, 2: 30_000 },
  unreadBytes: 1_048_576,
  pendingConnections: 1000,
  drainMs: 10_000,
  closeMs: 5000,
  sweepMs: 500,
};

/** Why a counter may not come in (pt-BR), with so many of its client open here; null: it may. */
export type Admit = (own: number) => string | null;

export interface WsOptions {
  authenticate: Authenticate;
  openSession: OpenSession;
  /** Absent: there is nothing to go on with. */
  resumeSession?: ResumeSession;
  /** A counter's verdict on a card of its own; stored by whoever is called. */
  onFeedback(identity: CounterIdentity, interactionId: number, result: FeedbackResult): void;
  /**
   * Which of these connected counters may not serve any more; asked at every sweep. Absent: nobody asks. A failure (the
   * database is away) closes nobody.
   */
  refused?(live: LiveKey[]): Promise<(LiveKey & { why: Refusal })[]>;
  /**
   * Asked of a counter whose key is good: may one more of its client come in? The answer is asked again, with how many are
   * open here, in the moment it would. `own`: how many are now. A rejection: nobody can tell.
   */
  admit?(identity: CounterIdentity, own: number): Promise<Admit>;
  /** Why nobody more should come in now (pt-BR); null: they may. */
  overload?(): string | null;
  /** Counters at once in this process; absent: no limit. */
  maxCounters?: number | undefined;
  limits?: Partial<WsLimits>;
  clock: Clock;
  /** 0 to 1: spreads `retry_ms`. Default Math.random. */
  random?: () => number;
}

/** What one connection needs of the plugin. */
export interface ConnectionDeps {
  options: Pick<
    WsOptions,
    'authenticate' | 'openSession' | 'resumeSession' | 'onFeedback' | 'overload' | 'maxCounters' | 'clock'
  >;
  limits: WsLimits;
  random: () => number;
  log: Log;
}
