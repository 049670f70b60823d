import type { Clock, Log } from '../contracts/index.ts';
import type { LiveSessions } from '../counter/live-sessions.ts';
import type { Observer } from '../counter/observer.ts';
import type { Alerts } from '../store/alerts.ts';
import type { Alert } from '../store/alerts-table.ts';
import type { CounterCost, LiveRows } from '../store/live-rows.ts';
import type { LiveSession } from '../store/live-sessions-table.ts';
import type { Notifications } from '../store/notifications.ts';
import { localDay } from '../wall-clock.ts';
import { storedEvents } from './events.ts';
import { closedSession, type LiveFeed, shownSession, type WhileWatched } from './feed.ts';

export interface OthersOptions {
  observer: Observer;
  sessions: Pick<LiveSessions, 'others' | 'own'>;
  rows: LiveRows;
  alerts: Pick<Alerts, 'page'>;
  clock: Clock;
  log: Log;
}

/** How often the database is asked, while somebody watches. Costs change with every utterance and matter less. */
const ASK_MS = 1000;
const ALERTS_EVERY = 3;
const COSTS_EVERY = 10;
/** Sessions of other processes, and open alerts, that are followed at most. */
export const MOST_SESSIONS = 2000;
const MOST_ALERTS = 200;
/** Interactions remembered, so that none is told twice. */
const MOST_TOLD = 8192;
/** Rows that are older when they are announced are no news. */
const NEWS_MS = 10 * 60_000;

/**
 * What only the database knows: the counters of other processes, what is said at them once it is stored, alerts, and what
 * the day has cost. Asked once a second, and only while somebody watches here.
 */
export class Others implements WhileWatched {
  readonly #options: OthersOptions;
  readonly #feed: LiveFeed;
  /** By session: as it was told last. */
  readonly #sessions = new Map<string, { session: LiveSession; sign: string }>();
  /** By interaction: what was told of it. */
  readonly #told = new Map<number, string>();
  #alerts: Map<number, Alert> | null = null;
  #costs = new Map<string, string>();
  #lastCosts: CounterCost[] = [];
  #notifications: Notifications | null = null;
  #cancel: () => void = () => {};
  #turn = 0;
  #isRunning = false;
  #isAway = false;
  /** Announcements may have been missed since then. */
  #missedSince: Date | null = null;
  readonly #mark = ({ interactionId }: { interactionId: number }): void => this.#note(interactionId, 'own');

  constructor(options: OthersOptions, feed: LiveFeed) {
    this.#options = options;
    this.#feed = feed;
  }

  /** What each counter has cost today, as last asked. */
  get costs(): CounterCost[] {
    return this.#lastCosts;
  }

  /** Open alerts, as last asked. */
  get openAlerts(): Alert[] {
    return [...(this.#alerts?.values() ?? [])];
  }

  start(): void {
    const { observer, rows, clock } = this.#options;
    this.#isRunning = true;
    this.#missedSince = clock.date();
    observer.on('utterance', this.#mark);
    observer.on('card', this.#mark);
    this.#notifications = rows.listen((ids) => void this.#announced(ids));
    void this.#run();
  }

  stop(): void {
    const { observer } = this.#options;
    this.#isRunning = false;
    this.#cancel();
    observer.off('utterance', this.#mark);
    observer.off('card', this.#mark);
    void this.#notifications?.close();
    this.#notifications = null;
    this.#sessions.clear();
    this.#told.clear();
    this.#alerts = null;
    this.#costs.clear();
    this.#turn = 0;
  }

  /** Reads alerts and costs now: a snapshot is made of them. Never rejects. */
  async refresh(): Promise<void> {
    await this.#guarded(async () => {
      await this.#readAlerts();
      await this.#readCosts();
    });
  }

  async #run(): Promise<void> {
    await this.#guarded(async () => {
      await this.#readSessions();
      if (this.#turn % ALERTS_EVERY === 0) await this.#readAlerts();
      if (this.#turn % COSTS_EVERY === 0) await this.#readCosts();
      this.#turn++;
    });
    if (this.#isRunning) this.#cancel = this.#options.clock.after(ASK_MS, () => void this.#run());
  }

  async #readSessions(): Promise<void> {
    const others = await this.#options.sessions.others(MOST_SESSIONS);
    const open = new Set<string>();
    for (const session of others) {
      const { sessionId, clientId } = session;
      if (this.#options.sessions.own(sessionId)) continue;
      open.add(sessionId);
      const { bytes: _bytes, ...rest } = session;
      const sign = JSON.stringify(rest);
      const known = this.#sessions.get(sessionId);
      if (known?.sign === sign) continue;
      this.#sessions.set(sessionId, { session, sign });
      this.#feed.emit({ kind: known ? 'state' : 'opened', clientId, data: shownSession({ ...session, isOwn: false }) });
    }
    for (const [sessionId, { session }] of this.#sessions) {
      if (open.has(sessionId)) continue;
      this.#sessions.delete(sessionId);
      // Taken over by this process: it is not over.
      if (!this.#options.sessions.own(sessionId)) this.#feed.emit(closedSession(session));
    }
  }

  async #readAlerts(): Promise<void> {
    const { items } = await this.#options.alerts.page({ clientIds: null, open: true }, MOST_ALERTS);
    const before = this.#alerts;
    this.#alerts = new Map(items.map((alert) => [alert.id, alert]));
    if (before === null) return;
    for (const alert of items) {
      if (!before.has(alert.id))
        this.#feed.emit({ kind: 'alert', clientId: alert.clientId, data: { ...shownAlert(alert), isOpen: true } });
    }
    for (const alert of before.values()) {
      if (!this.#alerts.has(alert.id))
        this.#feed.emit({ kind: 'alert', clientId: alert.clientId, data: { ...shownAlert(alert), isOpen: false } });
    }
  }

  async #readCosts(): Promise<void> {
    const { rows, clock } = this.#options;
    this.#lastCosts = await rows.costs(localDay(clock.date()));
    const before = this.#costs;
    this.#costs = new Map(shownCosts(this.#lastCosts).map((costs) => [costs.clientId, JSON.stringify(costs)] as const));
    for (const costs of shownCosts(this.#lastCosts)) {
      if (before.get(costs.clientId) !== this.#costs.get(costs.clientId))
        this.#feed.emit({ kind: 'costs', clientId: costs.clientId, data: costs });
    }
  }

  /** Rows of any process; those of this one were told when they happened. */
  async #announced(ids: number[] | null): Promise<void> {
    await this.#guarded(async () => {
      const { rows, clock } = this.#options;
      const now = clock.date();
      const missedSince = this.#missedSince;
      if (ids === null) this.#missedSince = now;
      const found =
        ids === null
          ? await rows.since(new Date((missedSince ?? now).getTime() - ASK_MS), null, MOST_ALERTS)
          : await rows.byIds(ids.filter((id) => this.#told.get(id) !== 'own'));
      if (ids !== null) this.#missedSince = now;
      for (const row of found) {
        if (now.getTime() - row.timestamp.getTime() > NEWS_MS) continue;
        for (const event of storedEvents(row)) {
          const sign = `${event.kind}:${'delivery' in event.data ? event.data.delivery : ''};`;
          const told = this.#told.get(row.id) ?? '';
          if (told === 'own' || told.includes(sign)) continue;
          this.#note(row.id, told + sign);
          this.#feed.emit(event);
        }
      }
    });
  }

  #note(interactionId: number, told: string): void {
    this.#told.set(interactionId, told);
    if (this.#told.size <= MOST_TOLD) return;
    const oldest = this.#told.keys().next().value;
    if (oldest !== undefined) this.#told.delete(oldest);
  }

  /** With the database away what happens here is told all the same. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#isAway = false;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!this.#isAway) this.#options.log.warn({ code }, 'the live view does not see other processes for now');
      this.#isAway = true;
    }
  }
}

/** An alert as the stream shows it. */
export function shownAlert({ id, clientId, kind, subject, at }: Alert): object {
  return { id, clientId, kind, subject, at: at.toISOString() };
}

/** Costs by client; those of no counter are in the client's sum. */
export function shownCosts(
  costs: readonly CounterCost[],
): { clientId: string; microUsd: number; counters: Record<string, number> }[] {
  return [...Map.groupBy(costs, ({ clientId }) => clientId)].map(([clientId, theirs]) => ({
    clientId,
    microUsd: theirs.reduce((sum, { microUsd }) => sum + microUsd, 0),
    counters: Object.fromEntries(
      theirs.flatMap(({ counterId, microUsd }) => (counterId === '' ? [] : [[counterId, microUsd]])),
    ),
  }));
}
