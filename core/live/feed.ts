import { randomUUID } from 'node:crypto';
import type { Clock } from '../contracts/index.ts';
import type { LiveSessions } from '../counter/live-sessions.ts';
import type { CounterEvents, Observer } from '../counter/observer.ts';
import type { LiveSession } from '../store/live-sessions-table.ts';
import { cardSeen, EVERYONE, type LiveDraft, type LiveEvent, utteranceSeen } from './events.ts';
import { EventRing, type Written } from './ring.ts';

/** Where a stream stopped: this process's events, the last one seen, and when that was. */
export interface LivePlace {
  boot: string;
  seq: number;
  atMs: number;
}

/** Somebody who watches. */
export interface Watcher {
  take(written: Written): void;
}

/** What a process does only while somebody watches. */
export interface WhileWatched {
  start(): void;
  stop(): void;
}

export interface LiveFeedOptions {
  observer: Observer;
  sessions: Pick<LiveSessions, 'own'>;
  clock: Clock;
  /** Other sources, which give what they find to `emit`. */
  sources(feed: LiveFeed): WhileWatched;
}

/** Partials of one counter are told at most five times a second. */
const PARTIAL_MS = 200;
/** After the last watcher has left, events are kept on for one that comes back. */
const LINGER_MS = 120_000;

type Listeners = { [Name in keyof CounterEvents]?: (...event: CounterEvents[Name]) => void };
type Seen = { sessionId: string; counterId: string; clientId: string };

/**
 * What happens at the counters, in one order, for whoever watches. While nobody does nothing is listened to and nothing is
 * kept. What is said by texts was masked before it came here.
 */
export class LiveFeed {
  readonly boot = randomUUID().slice(0, 8);
  readonly #options: LiveFeedOptions;
  readonly #ring = new EventRing();
  readonly #watchers = new Set<Watcher>();
  readonly #sources: WhileWatched;
  /** Partials that wait for their turn, the newest of each session. */
  readonly #partials = new Map<string, CounterEvents['partial'][0]>();
  #seq = 0;
  #isAwake = false;
  #cancelPartials: (() => void) | null = null;
  #cancelSleep: () => void = () => {};
  readonly #listeners: Listeners;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#sources = options.sources(this);
    this.#listeners = this.#listening();
  }

  /** Where the stream stands now. */
  get place(): LivePlace {
    return { boot: this.boot, seq: this.#seq, atMs: this.#options.clock.date().getTime() };
  }

  /** From now on `watcher` is given every event; the returned function ends it. */
  watch(watcher: Watcher): () => void {
    this.#cancelSleep();
    this.#watchers.add(watcher);
    this.#wake();
    return () => {
      if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
      this.#cancelSleep();
      this.#cancelSleep = this.#options.clock.after(LINGER_MS, () => this.#sleep());
    };
  }

  /** What happened since; null: that is not known any more, or was another process's. */
  since({ boot, seq }: LivePlace): Written[] | null {
    if (boot !== this.boot || !this.#isAwake || seq > this.#seq) return null;
    this.#ring.forget(this.#options.clock.date().getTime());
    return this.#ring.after(seq);
  }

  /** Gives an event its place and hands it out. */
  emit(draft: LiveDraft, isKept = true): void {
    if (!this.#isAwake) return;
    const at = this.#options.clock.date().getTime();
    const event: LiveEvent = { ...draft, seq: isKept ? ++this.#seq : null, at };
    const bare = frameOf(this.boot, event, event.data);
    const full = event.spoken ? frameOf(this.boot, event, { ...event.data, ...event.spoken }) : bare;
    const written = { event, full, bare };
    if (isKept) this.#ring.add(written);
    for (const watcher of this.#watchers) watcher.take(written);
  }

  close(): void {
    this.#cancelSleep();
    this.#sleep();
  }

  #wake(): void {
    if (this.#isAwake) return;
    this.#isAwake = true;
    for (const [name, listener] of Object.entries(this.#listeners)) {
      this.#options.observer.on(name as keyof CounterEvents, listener as never);
    }
    this.#sources.start();
  }

  #sleep(): void {
    if (!this.#isAwake) return;
    this.#isAwake = false;
    for (const [name, listener] of Object.entries(this.#listeners)) {
      this.#options.observer.off(name as keyof CounterEvents, listener as never);
    }
    this.#sources.stop();
    this.#cancelPartials?.();
    this.#cancelPartials = null;
    this.#partials.clear();
    this.#ring.clear(this.#seq);
  }

  #listening(): Listeners {
    const { sessions, clock } = this.#options;
    /** After `LiveSessions`, which listened first, has taken it in. */
    const state = ({ sessionId }: Seen) => this.#session('state', sessions.own(sessionId));
    return {
      opened: ({ sessionId }) => this.#session('opened', sessions.own(sessionId)),
      closed: (seen) => {
        this.#partials.delete(seen.sessionId);
        this.emit(closedSession(seen));
      },
      state,
      degraded: state,
      recovered: state,
      partial: (seen) => this.#partial(seen),
      utterance: (seen) => {
        this.#partials.delete(seen.sessionId);
        this.emit(utteranceSeen(seen));
      },
      card: (seen) => this.emit(cardSeen(seen, clock.date())),
      lost: ({ sessionId, counterId, clientId, segment, lostMs }) =>
        this.emit({ kind: 'lost', clientId, data: { sessionId, counterId, clientId, segment, lostMs } }),
      provider: ({ kind, address, what, reason }) =>
        this.emit({ kind: 'provider', clientId: EVERYONE, data: { kind, address, what, reason } }),
      budget: ({ isFirst: _isFirst, ...change }) =>
        this.emit({ kind: 'budget', clientId: change.clientId, data: change }),
    };
  }

  #session(kind: 'opened' | 'state', session: LiveSession | null): void {
    if (session) this.emit({ kind, clientId: session.clientId, data: shownSession({ ...session, isOwn: true }) });
  }

  #partial(seen: CounterEvents['partial'][0]): void {
    this.#partials.set(seen.sessionId, seen);
    this.#cancelPartials ??= this.#options.clock.after(PARTIAL_MS, () => {
      this.#cancelPartials = null;
      const due = [...this.#partials.values()];
      this.#partials.clear();
      for (const { sessionId, counterId, clientId, segment, text } of due) {
        const data = { sessionId, counterId, clientId, segment };
        this.emit({ kind: 'partial', clientId, data, spoken: { text } }, false);
      }
    });
  }
}

/** A session as the stream shows it. */
export function shownSession({ since, lastUtteranceAt, state, ...session }: LiveSession & { isOwn: boolean }): object {
  const { sessionId, counterId, clientId, counterName, protocol, providers, isOwn } = session;
  return {
    sessionId,
    counterId,
    clientId,
    counterName,
    protocol,
    since: since.toISOString(),
    state: state.now,
    stateSince: state.since,
    degraded: state.degraded,
    rule: state.rule,
    providers,
    lastUtteranceAt: lastUtteranceAt?.toISOString() ?? null,
    /** Served by the process that is asked: what is being said comes word by word. */
    isOwn,
  };
}

/** A session is over. */
export function closedSession({ sessionId, counterId, clientId }: Seen): LiveDraft {
  return { kind: 'closed', clientId, data: { sessionId, counterId, clientId } };
}

/** One event of the stream, as it goes over the wire. */
export function frameOf(boot: string, { seq, at, kind }: Pick<LiveEvent, 'seq' | 'at' | 'kind'>, data: object): string {
  const id = seq === null ? '' : `id: ${boot}.${seq}.${at}\n`;
  return `${id}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

const PLACE = /^([0-9a-f]{8})\.(\d{1,15})\.(\d{1,15})$/;

/** The place that a `Last-Event-ID` names; null: none of ours. */
export function placeOf(id: string | undefined): LivePlace | null {
  const [, boot, seq, atMs] = PLACE.exec(id ?? '') ?? [];
  return boot === undefined ? null : { boot, seq: Number(seq), atMs: Number(atMs) };
}
