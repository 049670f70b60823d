import type { Log } from '../contracts/index.ts';
import type { Interaction } from '../store/interaction.ts';
import type { ResumeRecord } from '../store/resume-table.ts';
import { sha256 } from '../store/secrets.ts';
import type { SessionDeps } from './deps.ts';
import { GuessLimit } from './guess-limit.ts';
import type { CounterEvents } from './observer.ts';
import { RECORD_MARGIN_MS, ResumableConversation, type ResumeLimits } from './resumable.ts';
import { type ResumePorts, takeOver } from './take-over.ts';
import type { CounterIdentity, CounterTransport, Handshake, Resumed, ResumeWish } from './types.ts';

/** The records of sessions, as the store keeps them. */
export interface ResumeStore extends ResumePorts {
  save(records: readonly ResumeRecord[]): Promise<Set<string>>;
  keep(tokenHashes: readonly string[], ttlMs: number): Promise<void>;
  release(record: ResumeRecord): Promise<void>;
  claimed(): Promise<string[]>;
  remove(tokenHashes: readonly string[]): Promise<void>;
  purge(): Promise<void>;
}

export interface ResumeDeskOptions {
  deps: SessionDeps;
  store: ResumeStore;
  limits: ResumeLimits;
  /** Rows of a session that a dead process may have stored after its last record. */
  rows(clientId: string, sessionId: string, segments: readonly number[]): Promise<Interaction[]>;
  /** Resolves when what dead processes of this machine had journalled is in the database. */
  recovered(): Promise<void>;
  /** How long a drain waits for what is being answered before it hands sessions over. */
  drainMs: number;
  log: Log;
}

const TICK_MS = 500;
/** Every so many ticks: live records are refreshed, expired ones deleted. */
const KEEP_EVERY = 20;
const PURGE_EVERY = 120;
/** Sessions that wait for their devices: of one counter, and in all. Past it the one that waits longest ends. */
const MOST_AWAY = { counter: 3, process: 1000 };

/**
 * The sessions of protocol 2 of this process: opens them, finds them again for devices that come back, takes them over
 * from other processes and hands them over. One timer and one write at a time for all of them.
 */
export class ResumeDesk {
  readonly #options: ResumeDeskOptions;
  readonly #live = new Map<string, ResumableConversation>();
  readonly #guesses: GuessLimit;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #isAway = false;
  #ticks = 0;
  #cancelTick: (() => void) | null = null;
  #closed = false;
  readonly #onProvider = (...[change]: CounterEvents['provider']): void => {
    for (const session of this.#live.values()) session.provider(change);
  };
  readonly #onBudget = (...[{ clientId, state }]: CounterEvents['budget']): void => {
    for (const session of this.#live.values()) if (session.identity.clientId === clientId) session.budget(state);
  };

  constructor(options: ResumeDeskOptions) {
    this.#options = options;
    this.#guesses = new GuessLimit(options.deps.clock);
    options.deps.observer.on('provider', this.#onProvider);
    options.deps.observer.on('budget', this.#onBudget);
  }

  /** A new session with its first connection. */
  open(identity: CounterIdentity, handshake: Handshake, transport: CounterTransport): ResumableConversation {
    const session = this.#create({ identity, handshake });
    session.attach(transport);
    return session;
  }

  /** Finds the session of a token: here, or where another process had it. Never rejects. */
  async resume(identity: CounterIdentity, { token, keptFrom }: ResumeWish): Promise<Resumed> {
    const tokenHash = sha256(token);
    const own = this.#live.get(tokenHash);
    if (own && !own.isOver) {
      return own.identity.counterId === identity.counterId ? { status: 'ok', session: own } : this.#unknown(identity);
    }
    if (this.#closed) return { status: 'unavailable' };
    if (!this.#guesses.allows(identity.counterId)) return { status: 'unknown' };
    try {
      const taken = await takeOver({ ...this.#options, identity, tokenHash, keptFrom: keptFrom ?? 0 });
      if (!taken) return this.#unknown(identity);
      const { handshake, conversation } = taken;
      const session = this.#create({ identity, handshake, token, saved: conversation });
      this.#options.log.info({ sessionId: session.sessionId, counterId: identity.counterId }, 'a session goes on here');
      return { status: 'ok', session };
    } catch (error) {
      this.#options.log.warn({ code: codeOf(error) }, 'no session can be looked up');
      return { status: 'unavailable' };
    }
  }

  /** Hands over what waits for its device, and stops. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick?.();
    await Promise.all([...this.#live.values()].map((session) => session.end('drain')));
    const { observer } = this.#options.deps;
    observer.off('provider', this.#onProvider);
    observer.off('budget', this.#onBudget);
    await this.#writing;
  }

  #create(
    given: Pick<ConstructorParameters<typeof ResumableConversation>[0], 'identity' | 'handshake' | 'token' | 'saved'>,
  ) {
    const { deps, limits } = this.#options;
    const session = new ResumableConversation({
      ...given,
      deps,
      limits,
      onOver: (over) => this.#forget(over),
      onAway: (away) => this.#boundAway(away),
      onUrgent: () => this.#write(),
      onDrain: (draining) => this.#drain(draining),
    });
    this.#live.set(session.tokenHash, session);
    this.#cancelTick ??= this.#soon();
    return session;
  }

  #unknown({ counterId }: CounterIdentity): Resumed {
    this.#guesses.failed(counterId);
    return { status: 'unknown' };
  }

  #soon(): () => void {
    return this.#options.deps.clock.after(TICK_MS, () => {
      this.#cancelTick = this.#live.size > 0 && !this.#closed ? this.#soon() : null;
      this.#tick();
    });
  }

  #tick(): void {
    const { store, limits } = this.#options;
    for (const session of this.#live.values()) session.tick();
    this.#ticks += 1;
    this.#write();
    this.#quietly(this.#answerClaims());
    const hashes = [...this.#live.values()].filter(({ isConnected }) => isConnected).map(({ tokenHash }) => tokenHash);
    if (this.#ticks % KEEP_EVERY === 0) this.#quietly(store.keep(hashes, limits.windowMs + RECORD_MARGIN_MS));
    if (this.#ticks % PURGE_EVERY === 0) this.#quietly(store.purge());
  }

  /** All that is due, in one statement; what becomes due meanwhile is written with the next one. */
  #write(): void {
    if (this.#isWriting || this.#closed) return;
    const due = [...this.#live.values()].flatMap((session) => {
      const work = session.due();
      return work ? [{ session, ...work }] : [];
    });
    if (due.length === 0) return;
    this.#isWriting = true;
    this.#writing = this.#options.store
      .save(due.map(({ record }) => record))
      .then((kept) => {
        this.#isAway = false;
        for (const { session, written } of due) {
          if (kept.has(session.tokenHash)) written();
          else this.#lost(session);
        }
      })
      .catch((error: unknown) => {
        for (const { session } of due) session.notWritten();
        this.#say(error);
      })
      .finally(() => {
        this.#isWriting = false;
      });
  }

  /** Another process goes on with it, or its counter is gone: nothing of it is to be stored here any more. */
  #lost(session: ResumableConversation): void {
    if (session.isOver) return;
    this.#live.delete(session.tokenHash);
    this.#options.log.info({ sessionId: session.sessionId }, 'a session was taken over by another process');
    this.#quietly(session.handOver(Promise.resolve()));
    session.close(4009, 'sessão retomada em outro servidor');
  }

  async #answerClaims(): Promise<void> {
    for (const tokenHash of await this.#options.store.claimed()) {
      const session = this.#live.get(tokenHash);
      if (!session || session.isOver) continue;
      await this.#handOver(session, Promise.resolve());
      session.close(4009, 'sessão retomada em outro servidor');
    }
  }

  async #handOver(session: ResumableConversation, patience: Promise<unknown>): Promise<void> {
    const record = await session.handOver(patience);
    await this.#writing;
    if (record) await this.#options.store.release(record);
    else await this.#options.store.remove([session.tokenHash]);
    this.#live.delete(session.tokenHash);
  }

  /** The process ends. Where no record can be written, what was heard is finished instead. */
  async #drain(session: ResumableConversation): Promise<void> {
    const { clock } = this.#options.deps;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(this.#options.drainMs, resolve);
    try {
      const due = session.due();
      if (due) await this.#options.store.save([due.record]);
      await this.#handOver(session, promise);
    } catch (error) {
      this.#say(error);
      await session.finish('drain');
    } finally {
      cancel();
    }
  }

  #forget(session: ResumableConversation): void {
    this.#live.delete(session.tokenHash);
    this.#quietly(this.#writing.then(() => this.#options.store.remove([session.tokenHash])));
  }

  #boundAway(newest: ResumableConversation): void {
    const away = [...this.#live.values()].filter((session) => !session.isConnected && !session.isOver);
    const ofCounter = away.filter(({ identity }) => identity.counterId === newest.identity.counterId);
    const oldest =
      ofCounter.length > MOST_AWAY.counter ? ofCounter[0] : away.length > MOST_AWAY.process ? away[0] : undefined;
    if (oldest) void oldest.end('disconnect');
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#say(error));
  }

  /** Once per outage. */
  #say(error: unknown): void {
    if (!this.#isAway) this.#options.log.warn({ code: codeOf(error) }, 'resume records cannot be written');
    this.#isAway = true;
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
}
