import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../contracts/index.ts';
import type { LiveSessionRows } from '../store/live-sessions.ts';
import type { LiveProviders, LiveSession, LiveState } from '../store/live-sessions-table.ts';
import { type Page, readCursor, toPage } from '../store/page.ts';
import type { CardSeen, CounterEvents, Observer, UtteranceSeen } from './observer.ts';

/** A counter's open connection, as the door knows it. */
export type LiveConnection = Omit<LiveSession, 'configVersion' | 'providers' | 'lastUtteranceAt' | 'state'>;

/** What was last heard in a session. */
interface Heard {
  /** As it was opened. */
  opened: LiveConnection;
  configVersion: number | null;
  providers: LiveProviders;
  lastUtteranceAt: Date | null;
  state: LiveState;
}

export interface LiveSessionsOptions {
  observer: Observer;
  rows: LiveSessionRows;
  /** Remembers that these counters connected. */
  seen(counterIds: string[]): Promise<void>;
  /** Whether other processes serve the same database: without any, nothing is written. */
  isShared: boolean;
  /** Version of the configuration in force in this process. */
  version(): number;
  clock: Clock;
  log: Log;
}

/** At most this often is anything written, and only what changed. */
const TELL_MS = 1000;
/** Bytes alone are written with every so many tellings, beside the sign of life. */
const BEATS = 5;

/** Which counters are connected now: this process's from memory, the others' as they told last. */
export class LiveSessions {
  readonly #options: LiveSessionsOptions;
  readonly #processId = randomUUID();
  readonly #heard = new Map<string, Heard>();
  /** As they were told last, without what changes with every frame. */
  readonly #told = new Map<string, string>();
  readonly #connected = new Set<string>();
  #connections: () => LiveConnection[] = () => [];
  #cancel: () => void = () => {};
  #telling: Promise<void> = Promise.resolve();
  #turn = 0;
  #closed = false;
  readonly #onOpened = (opened: CounterEvents['opened'][0]): void => {
    const since = this.#options.clock.date();
    this.#connected.add(opened.counterId);
    this.#heard.set(opened.sessionId, nothingHeard({ ...opened, since, bytes: 0 }));
  };
  readonly #onState = ({ sessionId, state }: CounterEvents['state'][0]): void =>
    this.#change(sessionId, () => ({ now: state, since: this.#options.clock.date().toISOString() }));
  readonly #onDegraded = ({ sessionId, what }: CounterEvents['degraded'][0]): void =>
    this.#change(sessionId, ({ degraded }) => ({ degraded: [...new Set([...degraded, what])] }));
  readonly #onRecovered = ({ sessionId, what }: CounterEvents['recovered'][0]): void =>
    this.#change(sessionId, ({ degraded }) => ({ degraded: degraded.filter((each) => each !== what) }));
  readonly #onUtterance = ({ sessionId, outcome }: UtteranceSeen): void => {
    const heard = this.#heard.get(sessionId);
    if (!heard) return;
    heard.configVersion = outcome.decision.version;
    heard.providers.stt = outcome.address ?? heard.providers.stt;
    heard.lastUtteranceAt = this.#options.clock.date();
    heard.state = { ...heard.state, rule: outcome.decision.rule };
  };
  readonly #onCard = ({ sessionId, attempts }: CardSeen): void => {
    const heard = this.#heard.get(sessionId);
    const answered = attempts.findLast(({ outcome }) => outcome === 'answered');
    if (heard && answered) heard.providers.llm = answered.address;
  };
  readonly #onClosed = ({ sessionId }: { sessionId: string }): void => void this.#heard.delete(sessionId);

  constructor(options: LiveSessionsOptions) {
    this.#options = options;
    const { observer } = options;
    observer.on('opened', this.#onOpened);
    observer.on('state', this.#onState);
    observer.on('degraded', this.#onDegraded);
    observer.on('recovered', this.#onRecovered);
    observer.on('utterance', this.#onUtterance);
    observer.on('card', this.#onCard);
    observer.on('closed', this.#onClosed);
    this.#tellLater();
  }

  /** Names this process among those that share the database. */
  get processId(): string {
    return this.#processId;
  }

  /** Where the open connections are. */
  watch(connections: () => LiveConnection[]): void {
    this.#connections = connections;
  }

  /** The longest connected first. @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`. */
  async page(
    filter: { clientIds: string[] | null; counterId?: string | undefined },
    limit: number,
    cursor?: string,
  ): Promise<Page<LiveSession>> {
    const key = readCursor(cursor, ['number', 'text']);
    const after = key && { since: new Date(key[0]), sessionId: key[1] };
    const wanted = { ...filter, after, limit: limit + 1 };
    const others = this.#options.isShared ? await this.#options.rows.others(this.#processId, wanted) : [];
    const own = this.#own().filter(
      (each) =>
        (filter.clientIds === null || filter.clientIds.includes(each.clientId)) &&
        (filter.counterId === undefined || filter.counterId === each.counterId) &&
        (after === undefined || compare(each, after) > 0),
    );
    const ownIds = new Set(own.map(({ sessionId }) => sessionId));
    const rows = [...own, ...others.filter(({ sessionId }) => !ownIds.has(sessionId))]
      .sort(compare)
      .slice(0, limit + 1);
    return toPage(
      rows,
      limit,
      (each) => each,
      (each) => [each.since.getTime(), each.sessionId],
    );
  }

  /** Every session of this process, also those that wait for their device; null: there is no such session. */
  own(sessionId: string): LiveSession | null {
    const heard = this.#heard.get(sessionId);
    return heard ? this.#shown(heard.opened, heard) : null;
  }

  /** Counters that are connected to this process. */
  connected(): LiveSession[] {
    return this.#own();
  }

  /** Every session, in all processes, those that wait for their device included. `isOwn` tells this process's. */
  async everywhere(limit: number): Promise<(LiveSession & { isOwn: boolean })[]> {
    const own = this.#withAway().slice(0, limit);
    const ids = new Set(own.map(({ sessionId }) => sessionId));
    const others = await this.others(limit);
    return [
      ...own.map((each) => ({ ...each, isOwn: true })),
      ...others.filter(({ sessionId }) => !ids.has(sessionId)).map((each) => ({ ...each, isOwn: false })),
    ];
  }

  /** What the other processes told last. */
  async others(limit: number): Promise<LiveSession[]> {
    const { isShared, rows } = this.#options;
    return isShared ? await rows.others(this.#processId, { clientIds: null, withAway: true, limit }) : [];
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { observer, rows, isShared } = this.#options;
    observer.off('opened', this.#onOpened);
    observer.off('state', this.#onState);
    observer.off('degraded', this.#onDegraded);
    observer.off('recovered', this.#onRecovered);
    observer.off('utterance', this.#onUtterance);
    observer.off('card', this.#onCard);
    observer.off('closed', this.#onClosed);
    this.#cancel();
    await this.#telling;
    if (isShared) await rows.leave(this.#processId).catch((error: unknown) => this.#say(error));
  }

  #own(): LiveSession[] {
    return this.#connections().map((connection) =>
      this.#shown(connection, this.#heard.get(connection.sessionId) ?? nothingHeard(connection)),
    );
  }

  #withAway(): LiveSession[] {
    const connected = this.#own();
    const ids = new Set(connected.map(({ sessionId }) => sessionId));
    const waiting = [...this.#heard.values()].filter(
      ({ opened, state }) => state.now === 'away' && !ids.has(opened.sessionId),
    );
    return [...connected, ...waiting.map((heard) => this.#shown(heard.opened, heard))];
  }

  #shown(connection: LiveConnection, { opened: _opened, configVersion, ...heard }: Heard): LiveSession {
    return { ...connection, ...heard, configVersion: configVersion ?? this.#options.version() };
  }

  #change(sessionId: string, change: (state: LiveState) => Partial<LiveState>): void {
    const heard = this.#heard.get(sessionId);
    if (heard) heard.state = { ...heard.state, ...change(heard.state) };
  }

  #tellLater(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(TELL_MS, () => {
      this.#telling = this.#tell().finally(() => this.#tellLater());
    });
  }

  /** Never rejects: with the database away nobody can ask either, and the next time everything is told. */
  async #tell(): Promise<void> {
    try {
      await this.#tellConnected();
      if (this.#options.isShared) await this.#tellSessions();
    } catch (error) {
      this.#told.clear();
      this.#say(error);
    }
  }

  async #tellConnected(): Promise<void> {
    const connected = [...this.#connected];
    if (connected.length === 0) return;
    await this.#options.seen(connected);
    for (const counterId of connected) this.#connected.delete(counterId);
  }

  async #tellSessions(): Promise<void> {
    const { rows } = this.#options;
    this.#turn = (this.#turn + 1) % BEATS;
    const own = this.#withAway();
    const open = new Set(own.map(({ sessionId }) => sessionId));
    const ended = [...this.#told.keys()].filter((sessionId) => !open.has(sessionId));
    const changed = own.filter((each) => this.#turn === 0 || this.#told.get(each.sessionId) !== signOf(each));
    if (changed.length + ended.length > 0) await rows.tell(this.#processId, changed, ended);
    if (this.#turn === 0) await rows.beat(this.#processId);
    for (const sessionId of ended) this.#told.delete(sessionId);
    for (const each of changed) this.#told.set(each.sessionId, signOf(each));
  }

  #say(error: unknown): void {
    const code = (error as { code?: unknown }).code;
    this.#options.log.warn({ code }, 'the counters on line could not be told to the other processes');
  }
}

function nothingHeard(opened: LiveConnection): Heard {
  return {
    opened,
    configVersion: null,
    providers: { stt: null, llm: null },
    lastUtteranceAt: null,
    state: { now: 'listening', since: opened.since.toISOString(), degraded: [], rule: null },
  };
}

/** Everything that is worth telling within a second. */
function signOf({ bytes: _bytes, ...rest }: LiveSession): string {
  return JSON.stringify(rest);
}

type Place = Pick<LiveSession, 'since' | 'sessionId'>;

function compare(a: Place, b: Place): number {
  return a.since.getTime() - b.since.getTime() || (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0);
}
