import type { Clock } from '../contracts/index.ts';
import type { LiveConnection } from '../counter/live-sessions.ts';
import type { LiveKey, Refusal } from '../store/counters.ts';
import { CLOSE } from './close.ts';
import type { CounterConnection } from './connection.ts';
import type { WsOptions } from './types.ts';
import { within } from './within.ts';

const REFUSALS: Record<Refusal, { code: number; reason: string }> = {
  revoked: { code: CLOSE.key, reason: 'chave revogada' },
  replaced: { code: CLOSE.key, reason: 'chave trocada por outra' },
  suspended: { code: CLOSE.notApproved, reason: 'balcão suspenso' },
};

/** A session's last work. */
export interface SessionEnding {
  /** Never rejects. */
  done: Promise<void>;
  /** The process ends: what cannot be answered now is not tried again. */
  hurry(): void;
}

/** Every live connection of this process, and the one timer that looks after them. */
export class Connections {
  readonly #all = new Set<CounterConnection>();
  /** Sessions that are finishing after their socket closed. */
  readonly #ending = new Map<Promise<void>, SessionEnding>();
  readonly #clock: Clock;
  readonly #limits: { sweepMs: number; drainMs: number };
  readonly #refused: WsOptions['refused'];
  #isAsking = false;
  #cancelSweep: (() => void) | null = null;
  #sessions = 0;
  #draining: Promise<void> | null = null;

  constructor(clock: Clock, limits: { sweepMs: number; drainMs: number }, refused?: WsOptions['refused']) {
    this.#clock = clock;
    this.#limits = limits;
    this.#refused = refused;
  }

  /** Counters with an open session. */
  get sessions(): number {
    return this.#sessions;
  }

  /** Connections that have not been let in yet. */
  get pending(): number {
    return this.#all.size - this.#sessions;
  }

  get isDraining(): boolean {
    return this.#draining !== null;
  }

  add(connection: CounterConnection): void {
    this.#all.add(connection);
    this.#cancelSweep ??= this.#clock.after(this.#limits.sweepMs, () => this.#sweep());
  }

  /** Called once by a connection whose session opened. */
  opened(): void {
    this.#sessions++;
  }

  /** Called once by a connection that is over; `ending` is its session's last work. */
  remove(connection: CounterConnection, ending: SessionEnding | null): void {
    if (!this.#all.delete(connection) || !ending) return;
    this.#sessions--;
    this.finishing(ending);
  }

  /** Keeps a session's last work in sight, so that a drain waits for it. */
  finishing(ending: SessionEnding): void {
    const tracked = ending.done.finally(() => this.#ending.delete(tracked));
    this.#ending.set(tracked, ending);
    if (this.isDraining) ending.hurry();
  }

  /** The keys that are connected, each once. */
  liveKeys(): LiveKey[] {
    const keys = new Map<string, LiveKey>();
    for (const { liveKey } of this.#all) if (liveKey) keys.set(`${liveKey.counterId} ${liveKey.keyPrefix}`, liveKey);
    return [...keys.values()].map(({ counterId, keyPrefix }) => ({ counterId, keyPrefix }));
  }

  /** Open sessions of one client. */
  ofClient(clientId: string): number {
    let sessions = 0;
    for (const { live } of this.#all) if (live?.clientId === clientId) sessions++;
    return sessions;
  }

  /** Every counter with an open session. */
  live(): LiveConnection[] {
    return [...this.#all].flatMap(({ live }) => live ?? []);
  }

  /** Closes every connection that came with this key of the counter: 4001, or 4003 where it was suspended. */
  refuse({ counterId, keyPrefix }: LiveKey, why: Refusal): number {
    const { code, reason } = REFUSALS[why];
    const found = [...this.#all].filter(
      ({ liveKey }) => liveKey?.counterId === counterId && liveKey.keyPrefix === keyPrefix,
    );
    for (const connection of found) connection.close(code, reason);
    return found.length;
  }

  /** Takes nobody new, lets every counter finish and be answered, closes with 1001. Idempotent, bounded, never rejects. */
  drain(): Promise<void> {
    for (const { hurry } of this.#ending.values()) hurry();
    this.#draining ??= Promise.all([...this.#all].map((connection) => connection.drain()))
      .then(() => within(this.settled(), this.#limits.drainMs, this.#clock))
      .then(() => undefined)
      .finally(() => this.#cancelSweep?.());
    return this.#draining;
  }

  /** Resolves when what the closed connections had heard is finished and stored. */
  async settled(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending.keys());
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const connection of this.#all) connection.tick(now);
    this.#askRefused();
    this.#cancelSweep = this.#all.size > 0 ? this.#clock.after(this.#limits.sweepMs, () => this.#sweep()) : null;
  }

  /** A key that was revoked anywhere, by any process, closes its live connections. One question at a time. */
  #askRefused(): void {
    if (!this.#refused || this.#isAsking || this.#sessions === 0) return;
    this.#isAsking = true;
    this.#refused(this.liveKeys())
      .then(
        (found) => {
          for (const { why, ...key } of found) this.refuse(key, why);
        },
        () => {}, // the database is away: it says so itself, and nobody is closed for it
      )
      .finally(() => {
        this.#isAsking = false;
      });
  }
}
