import type { Clock, Log } from './contracts/index.ts';
import { AlertWatch } from './counter/alert-watch.ts';
import type { LiveSessions } from './counter/live-sessions.ts';
import type { Observer } from './counter/observer.ts';
import { LiveFeed } from './live/feed.ts';
import { Others } from './live/others.ts';
import { LiveSnapshot } from './live/snapshot.ts';
import type { HealthStatus } from './runtime/health.ts';
import type { Store } from './store/index.ts';
import { LiveRows } from './store/live-rows.ts';

/** What whoever watches the counters is shown. */
export interface Live {
  feed: LiveFeed;
  snapshot: LiveSnapshot;
  levels: Observer['levels'];
  close(): void;
}

/** Ties the live view to the counters of this process and to what the others store. */
export function openLive(parts: {
  store: Store;
  observer: Observer;
  liveSessions: LiveSessions;
  health(): HealthStatus[];
  clock: Clock;
  log: Log;
}): Live {
  const { store, observer, liveSessions: sessions, health, clock, log } = parts;
  const rows = new LiveRows(store.db);
  let others: Others | undefined;
  const feed = new LiveFeed({
    observer,
    sessions,
    clock,
    sources: (to) => {
      others = new Others({ observer, sessions, rows, alerts: store.alerts, clock, log }, to);
      return others;
    },
  });
  const snapshot = new LiveSnapshot({
    sessions,
    rows,
    others: () => others as Others, // the feed's constructor has made it
    health,
    drained: () => store.drained(),
    clock,
  });
  const watch = new AlertWatch({
    observer,
    connected: () => sessions.connected(),
    raise: (alert) => store.db.system((trx) => store.alerts.raiseIn(trx, alert)),
    clock,
    log,
  });
  const close = () => {
    watch.close();
    feed.close();
  };
  return { feed, snapshot, levels: observer.levels, close };
}
