import type { Clock } from '../contracts/index.ts';
import type { LiveSessions } from '../counter/live-sessions.ts';
import type { HealthStatus } from '../runtime/health.ts';
import type { LiveRow, LiveRows } from '../store/live-rows.ts';
import type { LiveSession } from '../store/live-sessions-table.ts';
import type { LiveAccess } from './access.ts';
import { type LiveDraft, storedEvents } from './events.ts';
import { shownSession } from './feed.ts';
import { MOST_SESSIONS, type Others, shownAlert, shownCosts } from './others.ts';

export interface LiveSnapshotOptions {
  sessions: Pick<LiveSessions, 'everywhere' | 'connected'>;
  rows: LiveRows;
  others: () => Others;
  health(): HealthStatus[];
  /** Resolves when everything journalled so far is in the database. */
  drained(): Promise<void>;
  clock: Clock;
}

/** What a view that begins is shown of the past, at most. */
const PAST_MS = 10 * 60_000;
const PAST_ROWS = 300;
/** Before the place where a stream stopped: rows are stored a moment after they happen. */
const OVERLAP_MS = 15_000;
/** How long what is journalled is waited for. */
const DRAIN_MS = 1500;

/** How things stand, and what was said of late, for one browser. */
export class LiveSnapshot {
  readonly #options: LiveSnapshotOptions;

  constructor(options: LiveSnapshotOptions) {
    this.#options = options;
  }

  /** `from`: where the browser stopped, as far as that is not too long ago; null: it begins. */
  async take(access: LiveAccess, from: Date | null): Promise<{ state: object; history: LiveDraft[]; isAway: boolean }> {
    const { clock } = this.#options;
    const others = this.#options.others();
    await Promise.all([this.#settle(), others.refresh()]);
    const now = clock.date().getTime();
    const oldest = now - PAST_MS;
    const since = from === null ? oldest : Math.max(oldest, from.getTime() - OVERLAP_MS);
    const stored = await this.#stored(new Date(since), access);
    const { past } = stored;
    const open = stored.sessions.filter(({ clientId }) => access.sees(clientId));
    const state = {
      at: new Date(now).toISOString(),
      sessions: open.map(shownSession),
      alerts: others.openAlerts.filter(({ clientId }) => access.sees(clientId)).map(shownAlert),
      costs: shownCosts(others.costs).filter(({ clientId }) => access.sees(clientId)),
      providers: this.#unwell(),
      // What is older than this is not shown: it is in the interactions.
      pastSince:
        (past.length === PAST_ROWS ? past[0]?.timestamp : undefined)?.toISOString() ?? new Date(since).toISOString(),
      isPastCut: past.length === PAST_ROWS || (from !== null && from.getTime() < oldest),
      reads: access.readsAnything,
    };
    return { state, history: past.flatMap(storedEvents), isAway: stored.isAway };
  }

  /** With the database away (it says so itself) what this process knows, and no past. */
  async #stored(
    since: Date,
    access: LiveAccess,
  ): Promise<{ past: LiveRow[]; sessions: (LiveSession & { isOwn: boolean })[]; isAway: boolean }> {
    const { sessions, rows } = this.#options;
    try {
      const past = await rows.since(since, access.seenWhere, PAST_ROWS);
      return { past, sessions: await sessions.everywhere(MOST_SESSIONS), isAway: false };
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode !== 503) throw error;
      return { past: [], sessions: sessions.connected().map((each) => ({ ...each, isOwn: true })), isAway: true };
    }
  }

  #unwell(): object[] {
    return this.#options
      .health()
      .filter(({ state, degraded }) => state !== 'closed' || degraded)
      .map(({ kind, address, state, degraded, lastError, since }) => ({
        kind,
        address,
        state,
        degraded,
        reason: lastError,
        since: since.toISOString(),
      }));
  }

  #settle(): Promise<void> {
    const { clock, drained } = this.#options;
    return new Promise((resolve) => {
      const cancel = clock.after(DRAIN_MS, resolve);
      const done = () => {
        cancel();
        resolve();
      };
      drained().then(done, done);
    });
  }
}
