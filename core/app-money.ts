import type { Clock, Log } from './contracts/index.ts';
import { Budgets } from './counter/budgets.ts';
import type { Observer } from './counter/observer.ts';
import { PriceKeeper } from './runtime/price-keeper.ts';
import type { PriceBook } from './runtime/prices.ts';
import type { Store } from './store/index.ts';

/** What clients spend, and by which prices; one per process. */
export interface Money {
  budgets: Budgets;
  close(): Promise<void>;
}

/** Keeps prices as the configuration has them, corrects what they reach back to, and watches the budgets. */
export function openMoney(parts: {
  store: Store;
  prices: PriceBook;
  observer: Observer;
  clock: Clock;
  log: Log;
}): Money {
  const { store, prices, observer, clock, log } = parts;
  const { config, corrections, prices: books } = store;
  const keeper = new PriceKeeper({ prices, config, corrections, books, clock, log });
  const drained = () => store.drained();
  const budgets = new Budgets({ costs: store.costs, claims: store.budgetClaims, drained, clock, log });
  budgets.on('changed', (change) => {
    observer.emit('budget', change);
    if (!change.isFirst) return;
    const { clientId, isFirst: _isFirst, ...after } = change;
    log.warn({ clientId, state: after.state }, 'a client’s budget is in another state');
    const target = `client:${clientId}`;
    store.audit
      .append({ actor: 'system', action: `budget.${after.state}`, target, clientId, after })
      .catch((error: unknown) =>
        log.error({ code: (error as { code?: unknown }).code }, 'an audit row was not written'),
      );
  });
  return {
    budgets,
    async close() {
      await Promise.all([budgets.close(), keeper.close()]);
    },
  };
}
