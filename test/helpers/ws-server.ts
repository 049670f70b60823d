import Fastify, { type FastifyInstance } from 'fastify';
import type { CounterIdentity, CounterSession, CounterTransport, Handshake } from '../../core/counter/types.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import wsPlugin from '../../core/ws/plugin.ts';
import type { AuthenticateResult, WsOptions } from '../../core/ws/types.ts';

/** A session that writes down what it was given; stands for the conversation, at the boundary the door sees. */
export class RecordingSession implements CounterSession {
  readonly sessionId = 'session';
  readonly frames: Buffer[] = [];
  readonly commands: Record<string, unknown>[] = [];
  /** Audio bytes and commands in the order they came. */
  readonly order: string[] = [];
  readonly ended = Promise.withResolvers<'disconnect' | 'client_end' | 'drain'>();
  readonly identity: CounterIdentity;
  readonly handshake: Handshake;
  readonly transport: CounterTransport;
  onAudio: (bytes: Uint8Array) => void = () => {};
  onEnd: () => Promise<void> = async () => {};

  constructor(identity: CounterIdentity, handshake: Handshake, transport: CounterTransport) {
    this.identity = identity;
    this.handshake = handshake;
    this.transport = transport;
  }

  audio(bytes: Uint8Array): void {
    this.frames.push(Buffer.from(bytes));
    this.order.push(`audio:${bytes.byteLength}`);
    this.onAudio(bytes);
  }

  command(message: Record<string, unknown>): void {
    this.commands.push(message);
    this.order.push(String(message['comando']));
  }

  async end(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    await this.onEnd();
    this.ended.resolve(why);
  }

  get audioBytes(): Buffer {
    return Buffer.concat(this.frames);
  }
}

export const GOOD_KEY = 'bk_boa';

export interface TestServer {
  app: FastifyInstance;
  url: string;
  port: number;
  sessions: RecordingSession[];
  feedback: unknown[];
  /** Resolves with the next session opened. */
  nextSession(): Promise<RecordingSession>;
}

/** A listening server with the counter door only. Key `bk_boa` is good; others answer as `answers` says, or unknown. */
export async function startWsServer(
  given: Partial<WsOptions> & {
    answers?: Record<string, AuthenticateResult>;
    prepare?: (session: RecordingSession) => void;
  } = {},
): Promise<TestServer> {
  const { answers, prepare, ...options } = given;
  const sessions: RecordingSession[] = [];
  const feedback: unknown[] = [];
  const waiting: ((session: RecordingSession) => void)[] = [];
  const identity: CounterIdentity = {
    counterId: 'c1',
    clientId: 'k1',
    counterName: 'Caixa 1',
    keyPrefix: 'bk_boa',
    clientVad: {},
    presetVad: {},
    tags: [],
    revision: 2,
  };
  const app = Fastify({ logger: false });
  await app.register(wsPlugin, {
    clock: systemClock,
    authenticate: async (key) =>
      key === GOOD_KEY ? { status: 'ok', identity } : (answers?.[key] ?? { status: 'unknown' }),
    openSession: (who, handshake, transport) => {
      const session = new RecordingSession(who, handshake, transport);
      prepare?.(session);
      sessions.push(session);
      waiting.shift()?.(session);
      return session;
    },
    onFeedback: (who, id, result) => feedback.push([who.counterId, id, result]),
    ...options,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return {
    app,
    port,
    url: `ws://127.0.0.1:${port}/ws`,
    sessions,
    feedback,
    nextSession: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
