import { randomUUID } from 'node:crypto';
import type { Environment } from '../config/environment.ts';
import type { Clock, Log } from './contracts/index.ts';
import { type BudgetChange, Budgets } from './counter/budgets.ts';
import type { Observer } from './counter/observer.ts';
import { usageEntries } from './counter/row.ts';
import type { MoneyDoors } from './http/options.ts';
import { PriceKeeper } from './runtime/price-keeper.ts';
import type { PriceBook } from './runtime/prices.ts';
import type { ProbeSeen } from './runtime/probes.ts';
import type { ProviderHealth } from './runtime/provider-health.ts';
import type { Store } from './store/index.ts';

/** What clients spend, and by which prices; one per process. */
export interface Money extends Omit<MoneyDoors, 'limitsOf'> {
  budgets: Budgets;
  close(): Promise<void>;
}

/** Keeps prices as the configuration has them, corrects what they reach back to, and watches the budgets. */
export function openMoney(parts: {
  store: Store;
  prices: PriceBook;
  health: Pick<ProviderHealth, 'on' | 'off'>;
  environment: Pick<Environment, 'usdBrl'>;
  observer: Observer;
  clock: Clock;
  log: Log;
}): Money {
  const { store, prices, observer, clock, log } = parts;
  const { usdBrl } = parts.environment;
  const { config, corrections, prices: books } = store;
  const keeper = new PriceKeeper({ prices, config, corrections, books, clock, log });
  const drained = () => store.drained();
  const budgets = new Budgets({ costs: store.costs, claims: store.budgetClaims, drained, clock, log });
  budgets.on('changed', (change) => {
    observer.emit('budget', change);
    if (!change.isFirst) return;
    log.warn({ clientId: change.clientId, state: change.state }, 'a client’s budget is in another state');
    announce(store, change).catch((error: unknown) =>
      log.error({ code: (error as { code?: unknown }).code }, 'an audit row was not written'),
    );
  });
  const onProbe = (probe: ProbeSeen): void => {
    bill(store, prices, observer, clock, probe).catch((error: unknown) =>
      log.error({ code: (error as { code?: unknown }).code }, 'what a probe cost was not stored'),
    );
  };
  parts.health.on('probe', onProbe);
  return {
    budgets,
    prices,
    exchange: () => (usdBrl === undefined ? prices.exchange() : { brlPerUsd: usdBrl, from: null, source: 'USD_BRL' }),
    async close() {
      parts.health.off('probe', onProbe);
      await Promise.all([budgets.close(), keeper.close()]);
    },
  };
}

/** Whoever administers the client is told by an alert, and for good by the audit. */
async function announce({ db, audit, alerts }: Store, change: BudgetChange): Promise<void> {
  const { clientId, isFirst: _isFirst, ...after } = change;
  const action = `budget.${after.state}`;
  const target = `client:${clientId}`;
  await db.system(async (trx) => {
    await audit.appendIn(trx, { actor: 'system', action, target, clientId, after });
    if (after.state !== 'ok') await alerts.raiseIn(trx, { clientId, kind: action, subject: target });
  });
}

/** A probe is billed like any attempt: to the client whose key was tried, else to the house. */
async function bill(
  { journal }: Store,
  prices: PriceBook,
  observer: Observer,
  clock: Clock,
  { attempt, tenant, kind }: ProbeSeen,
): Promise<void> {
  const origin = { clientId: tenant ?? '', counterId: null };
  const attempts = [{ ...attempt, purpose: 'probe' as const }];
  const usage = usageEntries(origin, null, kind, attempts, clock.date(), `probe:${randomUUID()}`, prices);
  if (usage.length === 0) return;
  await journal.append({ type: 'usage', usage });
  observer.emit('billed', usage);
}
