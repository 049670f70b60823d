import { batch, type Signal, signal } from '@preact/signals';
import type {
  AlertShown,
  CardShown,
  CounterState,
  Line,
  LiveEvents,
  LiveKind,
  ProviderShown,
  SessionShown,
  SnapshotShown,
  UtteranceShown,
} from './types.ts';

/** What is known of a counter's connection; null `session`: it is off line since then. */
export interface Standing {
  session: SessionShown | null;
  since: number;
  state: CounterState | 'offline';
}

/** One counter: a signal for each thing that changes at its own pace. */
export interface CounterView {
  id: string;
  clientId: string;
  name: Signal<string>;
  standing: Signal<Standing>;
  /** What is being said; null: nothing. */
  partial: Signal<string | null>;
  /** Oldest first. */
  lines: Signal<readonly Line[]>;
  lastCard: Signal<CardShown | null>;
  /** Wall clock, ms; null: nothing was said yet. */
  spokenAt: Signal<number | null>;
  microUsd: Signal<number | null>;
  lostMs: Signal<number>;
}

/** Lines kept of one counter: the rest is in the interactions. */
const MOST_LINES = 30;
/** A counter that left is shown for so long. */
const GONE_MS = 10 * 60_000;
/** What happens is shown at most so often: nobody reads faster. */
export const FLUSH_MS = 250;
/** Events that wait to be shown: a tab in the background is not called for a while. */
const MOST_PENDING = 2000;

type Pending = { [Kind in LiveKind]: { kind: Kind; data: LiveEvents[Kind] } }[LiveKind];

/** All counters as the stream tells of them. Events wait for `flush`, so that a burst is one change of the page. */
export class LiveModel {
  /** By name; the same array while nobody comes or goes. */
  readonly counters = signal<readonly CounterView[]>([]);
  readonly alerts = signal<readonly AlertShown[]>([]);
  readonly providers = signal<readonly ProviderShown[]>([]);
  readonly microUsd = signal(0);
  /** Whether what is said may be read at any counter. */
  readonly reads = signal(true);
  /** Since when the past is shown, where not all of it could be; null: all of it is. */
  readonly cutSince = signal<string | null>(null);
  readonly isReady = signal(false);
  readonly #byId = new Map<string, CounterView>();
  /** Sessions of each counter: a key may be used by several devices. */
  readonly #sessions = new Map<string, Map<string, SessionShown>>();
  readonly #costs = new Map<string, number>();
  #pending: Pending[] = [];
  #partials = new Map<string, LiveEvents['partial']>();
  #isListStale = false;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get(counterId: string): CounterView | undefined {
    return this.#byId.get(counterId);
  }

  /** An event of the stream, to be shown with the next flush. */
  take<Kind extends LiveKind>(kind: Kind, data: LiveEvents[Kind]): void {
    if (kind === 'partial') {
      const partial = data as LiveEvents['partial'];
      this.#partials.set(partial.counterId, partial);
      return;
    }
    if (kind === 'utterance') this.#partials.delete((data as UtteranceShown).counterId);
    this.#pending.push({ kind, data } as Pending);
    if (this.#pending.length >= MOST_PENDING) this.flush();
  }

  /** Shows everything that waits, as one change. */
  flush(): void {
    if (this.#pending.length + this.#partials.size === 0) return;
    const pending = this.#pending;
    const partials = this.#partials;
    this.#pending = [];
    this.#partials = new Map();
    batch(() => {
      for (const { kind, data } of pending) this.#apply(kind, data as never);
      for (const { counterId, text } of partials.values()) this.#put(this.#byId.get(counterId)?.partial, text ?? '');
      this.#list();
    });
  }

  /** Lets go of counters that left long ago. */
  sweep(): void {
    const before = this.#now() - GONE_MS;
    for (const [id, { standing }] of this.#byId) {
      const { state, since } = standing.peek();
      if (state !== 'offline' || since > before) continue;
      this.#byId.delete(id);
      this.#isListStale = true;
    }
    this.#list();
  }

  /** Nothing of what was known holds: another client, another person. */
  reset(): void {
    this.#pending = [];
    this.#partials.clear();
    this.#byId.clear();
    this.#sessions.clear();
    this.#costs.clear();
    batch(() => {
      this.counters.value = [];
      this.alerts.value = [];
      this.providers.value = [];
      this.microUsd.value = 0;
      this.cutSince.value = null;
      this.isReady.value = false;
    });
  }

  #apply<Kind extends LiveKind>(kind: Kind, data: LiveEvents[Kind]): void {
    const apply = this.#appliers[kind] as ((data: LiveEvents[Kind]) => void) | undefined;
    apply?.(data);
  }

  readonly #appliers: { [Kind in LiveKind]?: (data: LiveEvents[Kind]) => void } = {
    snapshot: (data) => this.#snapshot(data),
    ready: () => {
      this.isReady.value = true;
    },
    opened: (session) => this.#session(session),
    state: (session) => this.#session(session),
    closed: ({ counterId, sessionId }) => this.#closed(counterId, sessionId),
    utterance: (utterance) => this.#utterance(utterance),
    card: (card) => this.#card(card),
    lost: ({ counterId, lostMs }) => {
      const counter = this.#byId.get(counterId);
      if (counter) counter.lostMs.value += lostMs;
    },
    provider: ({ kind, address, what, reason }) => {
      const others = this.providers.value.filter((each) => each.kind !== kind || each.address !== address);
      const since = new Date(this.#now()).toISOString();
      this.providers.value = what === 'degraded' ? [...others, { kind, address, reason, since }] : others;
    },
    alert: ({ isOpen, ...alert }) => {
      const others = this.alerts.value.filter(({ id }) => id !== alert.id);
      this.alerts.value = isOpen ? [alert, ...others] : others;
    },
    costs: (costs) => this.#cost(costs),
  };

  #snapshot({ sessions, alerts, providers, costs, reads, pastSince, isPastCut }: SnapshotShown): void {
    const open = new Set(sessions.map(({ sessionId }) => sessionId));
    for (const [counterId, theirs] of this.#sessions) {
      for (const sessionId of theirs.keys()) if (!open.has(sessionId)) this.#closed(counterId, sessionId);
    }
    for (const session of sessions) this.#session(session);
    this.alerts.value = alerts;
    this.providers.value = providers;
    this.reads.value = reads;
    this.cutSince.value = isPastCut ? pastSince : null;
    for (const cost of costs) this.#cost(cost);
  }

  #session(session: SessionShown): void {
    const { counterId, clientId, counterName, lastUtteranceAt } = session;
    const counter = this.#byId.get(counterId) ?? this.#add(counterId, clientId, counterName);
    this.#put(counter.name, counterName);
    const theirs = this.#sessions.get(counterId) ?? new Map<string, SessionShown>();
    this.#sessions.set(counterId, theirs.set(session.sessionId, session));
    const spokenAt = lastUtteranceAt === null ? null : Date.parse(lastUtteranceAt);
    if (spokenAt !== null && spokenAt > (counter.spokenAt.peek() ?? 0)) counter.spokenAt.value = spokenAt;
    this.#stand(counter, theirs);
  }

  #closed(counterId: string, sessionId: string): void {
    const theirs = this.#sessions.get(counterId);
    const counter = this.#byId.get(counterId);
    if (!theirs?.delete(sessionId) || !counter) return;
    this.#put(counter.partial, null);
    if (theirs.size === 0) this.#sessions.delete(counterId);
    this.#stand(counter, theirs);
  }

  /** Of several devices with one key the liveliest counts. */
  #stand(counter: CounterView, theirs: ReadonlyMap<string, SessionShown>): void {
    const [session = null] = [...theirs.values()].sort((a, b) => LIVELY.indexOf(a.state) - LIVELY.indexOf(b.state));
    if (session === null) counter.standing.value = { session, since: this.#now(), state: 'offline' };
    else counter.standing.value = { session, since: Date.parse(session.stateSince), state: session.state };
    if (session?.state !== 'speaking' && session?.isOwn !== true) this.#put(counter.partial, null);
  }

  #utterance(utterance: UtteranceShown): void {
    const counter = this.#counterOf(utterance);
    if (!counter) return;
    const at = Date.parse(utterance.at);
    if (!utterance.isEmpty && at > (counter.spokenAt.peek() ?? 0)) counter.spokenAt.value = at;
    if (!utterance.isPast) this.#put(counter.partial, null);
    // Noise and vendors' marks: nobody said anything.
    if (utterance.isEmpty && (utterance.status === 'answered' || utterance.status === 'empty')) return;
    this.#line(counter, utterance.interactionId, (line) => {
      // What was told when it happened says more than what is stored.
      const isKnown = line.utterance !== null && !line.utterance.isPast;
      return isKnown ? line : { ...line, utterance };
    });
  }

  #card(card: CardShown): void {
    const counter = this.#counterOf(card);
    if (!counter) return;
    this.#line(counter, card.interactionId, (line) => {
      const isKnown = line.card !== null && !line.card.isPast && card.isPast;
      return isKnown ? line : { ...line, card };
    });
    const last = counter.lastCard.peek();
    const isNewer = last === null || last.interactionId === card.interactionId || last.at <= card.at;
    const isFuller = last?.interactionId === card.interactionId && !last.isPast && card.isPast;
    if (card.itemCount > 0 && isNewer && !isFuller) counter.lastCard.value = card;
  }

  #line(counter: CounterView, interactionId: number, change: (line: Line) => Line): void {
    const before = counter.lines.peek();
    const at = before.findIndex((line) => line.interactionId === interactionId);
    const line = change(before[at] ?? { interactionId, utterance: null, card: null });
    const lines = at < 0 ? [...before, line] : before.with(at, line);
    if (at < 0 && before.length > 0 && timeOf(before.at(-1)) > timeOf(line))
      lines.sort((a, b) => timeOf(a) - timeOf(b));
    counter.lines.value = lines.length > MOST_LINES ? lines.slice(-MOST_LINES) : lines;
  }

  /** What was said at a counter that has left meanwhile is shown too: nobody is to miss its card. */
  #counterOf({ counterId, clientId, counterName }: UtteranceShown | CardShown): CounterView | undefined {
    const known = this.#byId.get(counterId);
    return known ?? (counterName ? this.#add(counterId, clientId, counterName) : undefined);
  }

  #add(id: string, clientId: string, name: string): CounterView {
    const counter: CounterView = {
      id,
      clientId,
      name: signal(name),
      standing: signal<Standing>({ session: null, since: this.#now(), state: 'offline' }),
      partial: signal<string | null>(null),
      lines: signal<readonly Line[]>([]),
      lastCard: signal<CardShown | null>(null),
      spokenAt: signal<number | null>(null),
      microUsd: signal<number | null>(this.#costs.get(id) ?? null),
      lostMs: signal(0),
    };
    this.#byId.set(id, counter);
    this.#isListStale = true;
    return counter;
  }

  #cost({ clientId, microUsd, counters }: LiveEvents['costs']): void {
    this.#costs.set(`client ${clientId}`, microUsd);
    for (const [counterId, spent] of Object.entries(counters)) {
      this.#costs.set(counterId, spent);
      this.#put(this.#byId.get(counterId)?.microUsd, spent);
    }
    let sum = 0;
    for (const [key, spent] of this.#costs) if (key.startsWith('client ')) sum += spent;
    this.microUsd.value = sum;
  }

  #list(): void {
    if (!this.#isListStale) return;
    this.#isListStale = false;
    this.counters.value = [...this.#byId.values()].sort((a, b) => byName(a.name.peek(), b.name.peek()));
  }

  #put<T>(to: Signal<T> | undefined, value: T): void {
    if (to && to.peek() !== value) to.value = value;
  }
}

const LIVELY: readonly CounterState[] = ['speaking', 'listening', 'paused', 'away'];
const collator = new Intl.Collator('pt-BR', { numeric: true });
const byName = (a: string, b: string) => collator.compare(a, b);

function timeOf(line: Line | undefined): number {
  return Date.parse(line?.utterance?.at ?? line?.card?.at ?? '') || 0;
}
