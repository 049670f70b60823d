import type { FastifyInstance } from 'fastify';
import type { Providers } from './app-providers.ts';
import type { Gauges, Telemetry, TelemetryEvents } from './contracts/index.ts';
import type { Observer } from './counter/observer.ts';
import type { Store } from './store/index.ts';

declare module 'fastify' {
  interface FastifyInstance {
    telemetry: Telemetry;
  }
}

type Listener<E extends keyof TelemetryEvents> = (seen: TelemetryEvents[E]) => void;

/** Shows plugins that measure what happens at the counters, and how things stand: no more than the contract names. */
export function telemetryOf(
  observer: Observer,
  gauges: () => Gauges,
  { metricsToken, metricsLabels }: { metricsToken?: string | undefined; metricsLabels: readonly string[] },
): Telemetry {
  // What the observer tells holds all that the contract names, and more that is nobody's business.
  const events = observer as { on<E extends keyof TelemetryEvents>(event: E, listener: Listener<E>): void };
  return {
    on: (event, listener) => events.on(event, listener),
    gauges,
    settings: { token: metricsToken ?? null, labels: metricsLabels as Telemetry['settings']['labels'] },
  };
}

/** Before there is anything to measure. */
export const STARTING: Gauges = {
  counters: 0,
  pending: 0,
  audioBytes: 0,
  journalFullness: 0,
  journalBytes: 0,
  isDatabaseReady: false,
  configVersion: 0,
  queues: [],
  health: [],
};

export function gaugesOf(app: FastifyInstance, store: Store, { instances, health, utterances }: Providers): Gauges {
  const { journal, database } = store.status();
  // The counters' door is the last to open.
  const connections = app.hasDecorator('connections') ? app.connections : { sessions: 0, pending: 0 };
  return {
    counters: connections.sessions,
    pending: connections.pending,
    audioBytes: utterances.pool.usedBytes,
    journalFullness: journal.fullness,
    journalBytes: journal.bytes,
    isDatabaseReady: database.state === 'ready',
    configVersion: store.config.version,
    queues: instances.queues(),
    health: health.status().map(({ address, model, state, degraded }) => ({ address, model, state, degraded })),
  };
}
