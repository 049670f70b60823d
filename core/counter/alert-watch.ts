import type { Clock, Log } from '../contracts/index.ts';
import type { Alert } from '../store/alerts-table.ts';
import type { LiveSession } from '../store/live-sessions-table.ts';
import { DEFAULT_TIME_ZONE, wallClock } from '../wall-clock.ts';
import type { CounterEvents, Observer } from './observer.ts';

export interface AlertWatchOptions {
  observer: Observer;
  /** Counters that are connected to this process. */
  connected(): LiveSession[];
  /** Raises an alert, unless the same one is open. */
  raise(alert: Pick<Alert, 'clientId' | 'kind' | 'subject'>): Promise<void>;
  clock: Clock;
  log: Log;
}

const LOOK_MS = 60_000;
/** A counter that listens and hears nothing for so long, while shops are open, has a microphone that somebody should see. */
const SILENT_MS = 45 * 60_000;
const SHOPS_OPEN = { from: 8 * 60, to: 20 * 60 };

/** Raises the alerts that only a process sees: a counter that went silent, a provider that went down. */
export class AlertWatch {
  readonly #options: AlertWatchOptions;
  /** Counters whose silence was told: said once for each silence, also when somebody has seen it. */
  readonly #told = new Set<string>();
  #cancel: () => void;
  #isClosed = false;
  readonly #onProvider = ({ what, address }: CounterEvents['provider'][0]): void => {
    if (what === 'degraded')
      void this.#raise({ clientId: null, kind: 'provider.degraded', subject: `provider:${address}` });
  };

  constructor(options: AlertWatchOptions) {
    this.#options = options;
    options.observer.on('provider', this.#onProvider);
    this.#cancel = this.#later();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#options.observer.off('provider', this.#onProvider);
  }

  #later(): () => void {
    return this.#options.clock.after(LOOK_MS, () => {
      void this.#look().then(() => {
        if (!this.#isClosed) this.#cancel = this.#later();
      });
    });
  }

  async #look(): Promise<void> {
    const { clock, connected } = this.#options;
    const now = clock.date().getTime();
    const { minute } = wallClock(DEFAULT_TIME_ZONE).at(now);
    const isOpen = minute >= SHOPS_OPEN.from && minute < SHOPS_OPEN.to;
    const silent = new Map<string, string>();
    const speaking = new Set<string>();
    for (const { counterId, clientId, since, lastUtteranceAt, state } of connected()) {
      const heardAt = Math.max(since.getTime(), lastUtteranceAt?.getTime() ?? 0);
      if (state.now === 'listening' && now - heardAt > SILENT_MS) silent.set(counterId, clientId);
      else speaking.add(counterId);
    }
    for (const counterId of this.#told) if (!silent.has(counterId)) this.#told.delete(counterId);
    for (const [counterId, clientId] of silent) {
      // Of several devices with one key it is enough that one hears.
      if (!isOpen || speaking.has(counterId) || this.#told.has(counterId)) continue;
      this.#told.add(counterId);
      await this.#raise({ clientId, kind: 'counter.silent', subject: `counter:${counterId}` });
    }
  }

  #raise(alert: Pick<Alert, 'clientId' | 'kind' | 'subject'>): Promise<void> {
    const { raise, log } = this.#options;
    return raise(alert).catch((error: unknown) =>
      log.warn({ kind: alert.kind, code: (error as { code?: unknown }).code }, 'an alert could not be raised'),
    );
  }
}
