import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../contracts/index.ts';
import type { LiveSessionRows } from '../store/live-sessions.ts';
import type { LiveProviders, LiveSession } from '../store/live-sessions-table.ts';
import { type Page, readCursor, toPage } from '../store/page.ts';
import type { CardSeen, Observer, UtteranceSeen } from './observer.ts';

/** A counter's open connection, as the door knows it. */
export type LiveConnection = Omit<LiveSession, 'configVersion' | 'providers' | 'lastUtteranceAt'>;

/** What was last heard in a session. */
interface Heard {
  configVersion: number | null;
  providers: LiveProviders;
  lastUtteranceAt: Date | null;
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
  readonly #onOpened = ({ sessionId, counterId }: { sessionId: string; counterId: string }): void => {
    this.#connected.add(counterId);
    this.#heard.set(sessionId, { configVersion: null, providers: { stt: null, llm: null }, lastUtteranceAt: null });
  };
  readonly #onUtterance = ({ sessionId, outcome }: UtteranceSeen): void => {
    const heard = this.#heard.get(sessionId);
    if (!heard) return;
    heard.configVersion = outcome.decision.version;
    heard.providers.stt = outcome.address ?? heard.providers.stt;
    heard.lastUtteranceAt = this.#options.clock.date();
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

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { observer, rows, isShared } = this.#options;
    observer.off('opened', this.#onOpened);
    observer.off('utterance', this.#onUtterance);
    observer.off('card', this.#onCard);
    observer.off('closed', this.#onClosed);
    this.#cancel();
    await this.#telling;
    if (isShared) await rows.leave(this.#processId).catch((error: unknown) => this.#say(error));
  }

  #own(): LiveSession[] {
    return this.#connections().map((connection) => {
      const { configVersion = null, ...heard } = this.#heard.get(connection.sessionId) ?? {
        providers: { stt: null, llm: null },
        lastUtteranceAt: null,
      };
      return { ...connection, ...heard, configVersion: configVersion ?? this.#options.version() };
    });
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
    const own = this.#own();
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

/** Everything that is worth telling within a second. */
function signOf({ bytes: _bytes, ...rest }: LiveSession): string {
  return JSON.stringify(rest);
}

type Place = Pick<LiveSession, 'since' | 'sessionId'>;

function compare(a: Place, b: Place): number {
  return a.since.getTime() - b.since.getTime() || (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0);
}
