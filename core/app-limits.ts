import type { Environment } from '../config/environment.ts';
import type { Providers } from './app-providers.ts';
import type { Clock, Log } from './contracts/index.ts';
import { CapacityWatch } from './counter/capacity.ts';
import { ClientLimits } from './counter/client-limits.ts';
import type { LiveSessions } from './counter/live-sessions.ts';
import type { Observer } from './counter/observer.ts';
import { RequestLimits } from './counter/request-limits.ts';
import type { Limits } from './routing/types.ts';
import type { Store } from './store/index.ts';
import { DatabaseRates, MemoryRates, type RateCounter } from './store/rate-counter.ts';
import type { WsOptions } from './ws/types.ts';

/** What one client may take of what all share, and when this process has enough to do; one per process. */
export interface AppLimits extends Required<Pick<WsOptions, 'admit' | 'overload'>> {
  /** As they hold for a client (null: for whoever is no client's), the environment's included. */
  limitsOf(clientId: string | null): Limits;
  requests: RequestLimits;
  clients: ClientLimits;
  close(): Promise<void>;
}

/** Ties the limits to the configuration, and to what is shared with other processes. */
export async function openLimits(parts: {
  environment: Environment;
  store: Store;
  providers: Pick<Providers, 'configuration'>;
  liveSessions: LiveSessions;
  observer: Observer;
  clock: Clock;
  log: Log;
}): Promise<AppLimits> {
  const { environment, store, providers, liveSessions, observer, clock, log } = parts;
  const { configuration } = providers;
  const defaults = defaultsOf(environment);
  const limitsOf = (clientId: string | null) => limitsOver(defaults, configuration.for(clientId ?? '', null).limits);
  const counter = await rateCounter(environment, store, clock, log);
  const requests = new RequestLimits({ counter, limitsOf, clock, log });
  const isShared = store.db.kind === 'postgres';
  const shared = isShared ? { processId: liveSessions.processId, places: store.counterPlaces } : null;
  const clients = new ClientLimits({ limitsOf, shared, clock, log });
  const capacity = new CapacityWatch(
    {
      cpuPercent: environment.capacityMaxCpuPercent,
      ramPercent: environment.capacityMaxRamPercent,
      latencyRatio: environment.capacityMaxLatencyRatio,
    },
    clock,
    observer,
  );
  return {
    limitsOf,
    requests,
    clients,
    overload: () => capacity.overload(),
    async admit({ clientId }, own) {
      const { allowed } = await requests.take({ key: clientId, clientId }, 'ws');
      if (!allowed) return () => 'conexões demais deste cliente';
      const admission = await clients.admission(clientId, own);
      return (now) => (admission(now) ? null : 'limite de balcões do cliente atingido');
    },
    async close() {
      capacity.close();
      clients.close();
      await counter.close();
    },
  };
}

async function rateCounter({ redisUrl }: Environment, { db }: Store, clock: Clock, log: Log): Promise<RateCounter> {
  // Its client's code is loaded where there is a Redis.
  if (redisUrl !== undefined) return new (await import('./store/redis-rates.ts')).RedisRates(redisUrl, clock, log);
  return db.kind === 'postgres' ? new DatabaseRates(db, clock) : new MemoryRates();
}

function defaultsOf({ clientMaxCounters, clientMaxUtterances, clientRequestsPerMinute }: Environment): Limits {
  const each = { minute: clientRequestsPerMinute };
  return {
    ...(clientMaxCounters === undefined ? {} : { counters: clientMaxCounters }),
    ...(clientMaxUtterances === undefined ? {} : { utterancesInFlight: clientMaxUtterances }),
    requests: { cadastro: each, data: each, admin: each, test: each, ws: each },
  };
}

/** What is said nearer holds; of requests, for each group and each window. */
function limitsOver(defaults: Limits, own: Limits): Limits {
  const groups = new Set([...Object.keys(defaults.requests ?? {}), ...Object.keys(own.requests ?? {})]);
  const requests = Object.fromEntries(
    [...groups].map((group) => [group, { ...defaults.requests?.[group], ...own.requests?.[group] }]),
  );
  return { ...defaults, ...own, requests };
}
