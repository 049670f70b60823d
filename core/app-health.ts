import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock, Log } from './contracts/index.ts';
import type { Observer } from './counter/observer.ts';
import { HealthShare } from './runtime/health-share.ts';
import type { ProviderHealth } from './runtime/provider-health.ts';
import type { Store } from './store/index.ts';

/**
 * Lets the counters and the other processes know of the providers' health. The embedded database has one process: there
 * is nobody to share it with. The returned function ends it.
 */
export function announceHealth(parts: {
  health: ProviderHealth;
  store: Store;
  observer: Observer;
  clock: Clock;
  log: Log;
}): () => Promise<void> {
  const { health, store, observer, clock, log } = parts;
  health.on('change', (change) => observer.emit('provider', change));
  if (store.db.kind === 'embedded') return async () => {};
  const name = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  const share = new HealthShare({ health, rows: store.providerHealth, process: name, clock, log });
  share.start();
  return () => share.close();
}
