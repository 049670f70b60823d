import t, { type Test } from 'tap';
import type { PriceList } from '../../core/runtime/price.ts';
import { PriceKeeper } from '../../core/runtime/price-keeper.ts';
import { PriceBook } from '../../core/runtime/prices.ts';
import type { Recost } from '../../core/store/cost-corrections.ts';
import type { Store } from '../../core/store/index.ts';
import { forEachDatabase, quietLog as log } from '../helpers/databases.ts';
import { interaction, usage } from '../helpers/interactions.ts';
import { ManualClock } from '../helpers/manual-clock.ts';

const own = { provider: 'stt/acme', model: '*', of: 'audio_in', unit: 'second', per: 60, source: 'contrato' } as const;
/** What ships: 60 a minute since October. */
const FILE = { version: '2026-11-21', prices: [{ ...own, microUsd: 60, from: '2026-10-01' }] };

/** A process that keeps prices, and says when a step of its correction ended. */
function keep(t: Test, store: Store, clock: ManualClock) {
  const prices = new PriceBook(FILE, { clock, log });
  const { config, corrections, prices: books } = store;
  let told = Promise.withResolvers<void>();
  const watched = {
    newest: () => corrections.newest(),
    begin: corrections.begin.bind(corrections),
    async step(recost: Recost) {
      const result = await corrections.step(recost);
      if (result !== 'more') told.resolve();
      return result;
    },
  };
  const keeper = new PriceKeeper({ prices, config, corrections: watched, books, clock, log });
  t.teardown(() => keeper.close());
  /** Resolves when, from now on, there is nothing to correct, or only what may come late. */
  const rested = async () => {
    told = Promise.withResolvers();
    await clock.until(told.promise);
  };
  return { prices, keeper, rested };
}

async function spend(store: Store, at: string, costMicroUsd: number): Promise<void> {
  const id = store.ids.nextId();
  const line = usage({
    ...{ provider: 'stt/acme:big', quantity: 60, costMicroUsd, interactionId: id },
    at: new Date(at),
  });
  await store.journal.append({ type: 'interaction', interaction: interaction({ id, costMicroUsd }), usage: [line] });
  await store.drained();
}

t.test('prices are the configuration’s at once, and what they reach back to is made good', (t) =>
  forEachDatabase(t, async (t, open) => {
    const clock = new ManualClock();
    const store = await open();
    await store.config.start();
    await spend(store, '2026-09-15T12:00:00Z', 0);
    await spend(store, '2026-10-15T12:00:00Z', 60);
    await spend(store, '2026-11-15T12:00:00Z', 60);
    const { prices, rested } = keep(t, store, clock);
    const costs = async () => {
      const rows = await store.db.kysely.selectFrom('usage_ledger').select('cost_micro_usd').orderBy('id').execute();
      return rows.map((row) => row.cost_micro_usd);
    };
    const activate = async (list: PriceList | null): Promise<number> => {
      const changes = [{ clientId: null, counterId: null, section: 'prices', value: list }];
      const { version } = await store.configVersions.activate({ actor: 'cli', changes });
      await store.config.refresh();
      return version;
    };
    await rested();
    t.same(await costs(), [0, 60, 60]);
    t.equal(prices.version, '2026-11-21');

    const first = await activate({
      prices: [
        { ...own, microUsd: 30, from: '2026-09-01' },
        { ...own, microUsd: 6, from: '2026-11-01' },
      ],
    });
    t.equal(
      prices.costMicroUsd('stt/acme', 'batch', [{ unit: 'second', of: 'audio_in', quantity: 60, model: 'x' }]),
      6,
    );
    await rested();
    t.same(await costs(), [30, 60, 6], 'the file’s price of October stands between the two');
    t.match(await store.corrections.list(1), [
      { version: first, since: '2026-09-01', providers: ['stt/acme'], rows: 2 },
    ]);
    t.equal((await store.prices.version(prices.version)).length, 3, 'the list that costs were made by is kept');

    const moved = await activate({
      prices: [
        { ...own, microUsd: 30, from: '2026-09-01' },
        { ...own, microUsd: 6, from: '2026-10-10' },
      ],
    });
    await rested();
    t.same(await costs(), [30, 6, 6], 'an effective date that moved');
    t.match(await store.corrections.list(1), [{ version: moved, since: '2026-10-10', rows: 1, microUsd: -54 }]);

    await activate({
      prices: [
        { ...own, microUsd: 30, from: '2026-09-01' },
        { ...own, microUsd: 6, from: '2026-10-10' },
        { ...own, microUsd: 1, from: '2027-01-01' },
      ],
    });
    await rested();
    t.match(await store.corrections.list(1), [{ since: null, providers: [], rows: 0 }], 'a price of days to come');

    await store.configVersions.rollback(first, { actor: 'cli' });
    await store.config.refresh();
    await rested();
    t.same(await costs(), [30, 60, 6], 'and back');

    await activate(null);
    await rested();
    t.same(await costs(), [0, 60, 60], 'without own prices, as Balto ships');
    const lines = await store.db.kysely.selectFrom('usage_ledger').select('price_version').execute();
    for (const { price_version: version } of lines)
      t.ok((await store.prices.version(version ?? '')).length > 0, version ?? '');
  }),
);

t.test('what changed while no process ran is made good at the next start', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    await spend(store, '2026-11-15T12:00:00Z', 60);
    const value = { prices: [{ ...own, microUsd: 600, from: '2026-11-01' }] };
    const changes = [{ clientId: null, counterId: null, section: 'prices', value }];
    await store.configVersions.activate({ actor: 'cli', changes });
    await store.config.start();
    const { rested } = keep(t, store, new ManualClock());
    await rested();
    t.match(await store.corrections.list(5), [{ since: '2026-11-01', rows: 1, microUsd: 540 }]);
  }),
);

t.test('prices of another shape are not used', async (t) => {
  const clock = new ManualClock();
  const prices = new PriceBook(FILE, { clock, log });
  const snapshot = {
    version: 3,
    places: new Map([['/', new Map([['prices', { prices: [{ provider: 'x' }] }]])]]),
    credentials: new Map(),
  };
  const away = async () => Promise.reject(new Error('away'));
  const parts = { corrections: { newest: away, begin: away, step: away }, books: { remember: away, sectionAt: away } };
  const config = { snapshot: () => snapshot, on() {}, off() {} };
  const keeper = new PriceKeeper({ prices, config, ...parts, clock, log });
  t.equal(prices.version, '2026-11-21');
  await clock.advance(120_000);
  await keeper.close();
  t.equal(clock.pending, 0, 'nothing is left behind, also with the database away');
});
