import type { WebSocket } from 'ws';
import type { LiveConnection } from '../counter/live-sessions.ts';
import type {
  CounterIdentity,
  CounterSession,
  CounterTransport,
  Handshake,
  ResumableSession,
} from '../counter/types.ts';
import type { LiveKey } from '../store/counters.ts';
import { type Admission, admit, codeOf, readFirstFrame } from './admission.ts';
import { CLOSE, closeReason, ENDS, overloadReason } from './close.ts';
import type { Connections, SessionEnding } from './connections.ts';
import { commandError, parseCommand, TOO_LONG } from './messages.ts';
import type { ConnectionDeps } from './types.ts';
import { within } from './within.ts';

type State = 'handshake' | 'authenticating' | 'open' | 'draining' | 'closed';

/**
 * One counter's socket: lets it in, hands its frames to the session in the order they came, answers pings, watches
 * that it lives and reads. Its listeners are attached by the constructor, in the turn the socket opened.
 */
export class CounterConnection {
  readonly #socket: WebSocket;
  readonly #deps: ConnectionDeps;
  readonly #connections: Connections;
  readonly #openedAt: number;
  #state: State = 'handshake';
  #identity: CounterIdentity | null = null;
  #protocol: 1 | 2 = 1;
  #session: CounterSession | ResumableSession | null = null;
  readonly #transport: CounterTransport;
  #ending: Promise<void> | null = null;
  /** When its session opened, and what came since. */
  #since: Date | null = null;
  #bytes = 0;
  /** Frames that came while the key was looked up, or while the session asked for a pause; small, as we stop reading. */
  #inbox: { data: Buffer; isBinary: boolean }[] = [];
  #held = false;
  /** Who waits for a sign of life. */
  #probes: (() => void)[] = [];
  /** Monotonic ms of the last sign of life, the last frame, and what we sent. */
  #seenAt: number;
  #frameAt: number;
  #pingedAt: number;
  #jsonPingedAt = 0;

  constructor(socket: WebSocket, deps: ConnectionDeps, connections: Connections) {
    this.#socket = socket;
    this.#deps = deps;
    this.#connections = connections;
    this.#transport = this.#createTransport();
    const now = deps.options.clock.now();
    this.#openedAt = now;
    this.#seenAt = now;
    this.#frameAt = now;
    this.#pingedAt = now;
    socket.on('message', (data, isBinary) => this.#guard(() => this.#onFrame(data as Buffer, isBinary)));
    socket.on('pong', () => this.#onAlive());
    socket.on('ping', () => this.#onAlive()); // answered by the library, which bounds the answers a client leaves unread
    socket.on('close', (code) => this.#finish(code));
    if (connections.isDraining) this.close(CLOSE.draining, 'servidor em manutenção');
    else if (connections.pending >= deps.limits.pendingConnections) {
      this.close(CLOSE.overload, overloadReason('conexões demais à espera', deps.random));
    } else connections.add(this);
  }

  /** The key it was let in with; null: not yet. */
  get liveKey(): LiveKey | null {
    return this.#identity;
  }

  /** What is known of it while its session is open. */
  get live(): LiveConnection | null {
    if (!this.#session || !this.#identity || !this.#since) return null;
    const { counterId, clientId, counterName } = this.#identity;
    const { sessionId } = this.#session;
    return {
      sessionId,
      clientId,
      counterId,
      counterName,
      protocol: this.#protocol,
      since: this.#since,
      bytes: this.#bytes,
    };
  }

  /** Says why and closes; what was heard is finished at once, whether or not the peer still answers. */
  close(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#socket.resume(); // the peer's answer to the close frame has to be read
    this.#socket.close(code, closeReason(reason));
    this.#finish(code);
  }

  /** Hears no more, lets the session finish and answer, closes with 1001. */
  async drain(): Promise<void> {
    const { clock } = this.#deps.options;
    const gone = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    if (this.#session && this.#state === 'open') {
      this.#socket.pause();
      this.#deliverInbox(true);
      this.#state = 'draining';
      await within(this.#endSession('drain'), this.#deps.limits.drainMs, clock);
    }
    this.close(CLOSE.draining, 'servidor em manutenção: reconecte');
    await within(gone, this.#deps.limits.closeMs, clock);
  }

  /** Called by the shared timer. */
  tick(now: number): void {
    const { limits } = this.#deps;
    if (this.#state === 'handshake' && now - this.#openedAt >= limits.handshakeMs) {
      this.close(CLOSE.silent, 'handshake não chegou a tempo');
    }
    if (this.#state !== 'open') return;
    this.#checkUnread();
    if (!this.#held && now - this.#seenAt >= limits.livenessMs[this.#protocol]) {
      this.close(CLOSE.silent, 'sem sinal do balcão');
      return;
    }
    if (now - this.#pingedAt >= limits.pingMs && this.#isOpen()) {
      this.#pingedAt = now;
      this.#socket.ping();
    }
    if (now - Math.max(this.#frameAt, this.#jsonPingedAt) >= limits.idlePingMs) {
      this.#jsonPingedAt = now;
      this.#send({ comando: 'ping' });
    }
  }

  /** What it had sent before was delivered; whoever asked for a sign of life has it. */
  #onAlive(): void {
    this.#seenAt = this.#deps.options.clock.now();
    const asked = this.#probes;
    this.#probes = [];
    for (const alive of asked) this.#guard(alive);
  }

  #onFrame(data: Buffer, isBinary: boolean): void {
    this.#seenAt = this.#deps.options.clock.now();
    this.#frameAt = this.#seenAt;
    if (this.#state === 'open' && !this.#held) this.#deliver(data, isBinary);
    else if (this.#state === 'open' || this.#state === 'authenticating') this.#inbox.push({ data, isBinary });
    else if (this.#state === 'handshake') this.#onHandshake(data, isBinary);
  }

  #onHandshake(data: Buffer, isBinary: boolean): void {
    const first = readFirstFrame(data, isBinary, this.#deps.limits);
    if (!first.ok) {
      this.close(CLOSE.handshake, first.reason);
      return;
    }
    this.#state = 'authenticating';
    this.#socket.pause();
    void admit(first.apiKey, first.handshake, this.#deps, this.#connections).then((admission) =>
      this.#guard(() => {
        if (this.#state !== 'authenticating') return;
        // Asked again in the moment it comes in: others may have come meanwhile.
        const cause = admission.ok ? admission.isFull() : null;
        if (cause !== null) this.close(CLOSE.overload, overloadReason(cause, this.#deps.random));
        else if (admission.ok) this.#open(admission, first);
        else this.close(admission.code, admission.reason);
      }),
    );
  }

  #open(
    { identity, session }: Extract<Admission, { ok: true }>,
    { handshake, ignored }: { handshake: Handshake; ignored: string[] },
  ): void {
    if (ignored.length > 0) {
      this.#deps.log.warn({ counterId: identity.counterId, ignored }, 'handshake settings ignored');
    }
    this.#protocol = handshake.protocol;
    this.#identity = identity;
    this.#state = 'open'; // before the session exists: it may already pause or close its transport
    this.#session = session ?? this.#deps.options.openSession(identity, handshake, this.#transport);
    session?.attach(this.#transport, handshake.resume?.keptFrom);
    this.#since = this.#deps.options.clock.date();
    if (this.#state !== 'open') {
      this.#connections.finishing(this.#leave(this.#session));
      return;
    }
    this.#connections.opened();
    this.#deliverInbox();
    if (!this.#held) this.#socket.resume();
  }

  #createTransport(): CounterTransport {
    return {
      send: (message) => this.#send(message),
      close: (code, reason) => this.close(code, reason),
      pause: () => {
        this.#held = true;
        this.#socket.pause();
      },
      resume: () => {
        this.#held = false;
        this.#seenAt = this.#deps.options.clock.now(); // while we did not read, its silence was ours
        this.#guard(() => this.#deliverInbox());
        if (!this.#held) this.#socket.resume();
      },
      probe: (alive) => {
        if (!this.#isOpen()) return;
        this.#probes.push(alive);
        this.#socket.ping();
      },
    };
  }

  /** What waited, in its order; stops where the session asks for another pause, unless `all`. */
  #deliverInbox(all = false): void {
    if (this.#state !== 'open' || !this.#session) return;
    let index = 0;
    while (index < this.#inbox.length && (all || !this.#held) && this.#state === 'open') {
      const frame = this.#inbox[index++];
      if (frame) this.#deliver(frame.data, frame.isBinary);
    }
    this.#inbox.splice(0, index);
  }

  #deliver(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#bytes += data.byteLength;
      this.#session?.audio(data);
    } else if (data.byteLength <= this.#deps.limits.textBytes) this.#onText(data.toString('utf8'));
    else if (this.#protocol === 2) this.#send(TOO_LONG);
  }

  #onText(text: string): void {
    const command = parseCommand(text);
    if (command?.comando === 'ping') this.#send({ comando: 'pong' });
    else if (command?.comando === 'feedback') {
      if (this.#identity) this.#deps.options.onFeedback(this.#identity, command.interactionId, command.result);
    } else if (command?.comando && command.comando !== 'pong') this.#session?.command(command);
    else if (!command?.comando && this.#protocol === 2) this.#send(commandError(command));
  }

  #send(message: object): boolean {
    if (!this.#isOpen()) return false;
    this.#socket.send(JSON.stringify(message));
    this.#checkUnread();
    return true;
  }

  #checkUnread(): void {
    if (this.#socket.bufferedAmount <= this.#deps.limits.unreadBytes) return;
    this.close(CLOSE.silent, 'o balcão não lê o que recebe');
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Once: everything received goes to the session before it ends, or waits for its device. */
  #finish(code: number): void {
    if (this.#state === 'closed') return;
    this.#guard(() => this.#deliverInbox(true));
    this.#state = 'closed';
    this.#inbox = [];
    this.#probes = [];
    if (!ENDS.has(code) && this.#session && 'detach' in this.#session) {
      this.#session.detach(this.#transport);
      this.#ending ??= Promise.resolve();
    }
    this.#connections.remove(this, this.#session && this.#leave(this.#session));
  }

  #leave(session: CounterSession): SessionEnding {
    return { done: this.#endSession('disconnect'), hurry: () => void session.end('drain') };
  }

  #endSession(why: 'disconnect' | 'drain'): Promise<void> {
    this.#ending ??= (this.#session?.end(why) ?? Promise.resolve()).catch((error: unknown) => {
      this.#deps.log.error({ counterId: this.#identity?.counterId, code: codeOf(error) }, 'a session failed to end');
    });
    return this.#ending;
  }

  /** A fault of ours closes this connection and no other. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#deps.log.error({ counterId: this.#identity?.counterId, code: codeOf(error) }, 'a connection failed');
      if (this.#state === 'closed') return;
      this.#inbox = [];
      this.close(CLOSE.internal, 'erro interno');
    }
  }
}
