import { ProviderComparisons } from './app-comparisons.ts';
import { LANGUAGE } from './app-providers.ts';
import type { Clock } from './contracts/index.ts';
import type { ConfigDoors, RoutingDoors, WhatIf } from './http/options.ts';
import { refuse } from './http/problem.ts';
import type { Registry } from './registry/registry.ts';
import type { Configuration } from './routing/client-config.ts';
import { explain } from './routing/explain.ts';
import type { PriceOf } from './routing/plan.ts';
import { preview } from './routing/preview.ts';
import { Simulator } from './routing/simulate.ts';
import type { Effective } from './routing/types.ts';
import { checkRules } from './routing/validate.ts';
import type { Health } from './runtime/health.ts';
import { modelOf } from './runtime/instances.ts';
import type { PriceBook } from './runtime/prices.ts';
import type { Store } from './store/index.ts';
import { pastUtterances } from './store/past-utterances.ts';
import { Replay } from './store/replay.ts';

/** What the REST doors of routing are given. */
export function openRoutingDoors(parts: {
  registry: Registry;
  configuration: Configuration;
  changes: ConfigDoors['changes'];
  health: Health;
  prices: PriceBook;
  /** Share of a client's budget that is left; null without one. */
  budgetLeft(effective: Effective): number | null;
  store: Store;
  clock: Clock;
}): RoutingDoors {
  const { registry, configuration, changes, health, prices, clock, store } = parts;
  const replay = new Replay(store.db);
  /** As sessions reckon it. */
  const price: PriceOf = (provider, mode) => prices.estimateMicroUsd(provider.address, mode, modelOf(provider));
  const simulator = new Simulator({ registry, replay, prices, language: LANGUAGE, clock });
  const comparisons = new ProviderComparisons({ db: store.db, replay, prices, configuration, clock });
  return {
    async explain({ clientId, counterId, ...asked }, facts, under) {
      const standing = under === undefined ? configuration : await supposed(clientId || null, under);
      const effective = standing.for(clientId, counterId);
      const budgetLeft = parts.budgetLeft(configuration.for(clientId, null));
      const input = {
        registry,
        effective,
        language: LANGUAGE,
        now: clock.date(),
        budgetLeft,
        price,
        ...asked,
      };
      return explain(input, facts, health, clock.now());
    },
    async simulate(period, under, signal) {
      const draft = under === undefined ? configuration : await supposed(period.clientId, under);
      const tags = await replay.tags(period.clientId);
      return await simulator.run(
        {
          period,
          draft: (clientId, counterId) => draft.for(clientId, counterId),
          tags: (_clientId, counterId) => tags.get(counterId) ?? [],
        },
        signal,
      );
    },
    async preview(change, kind, utterances) {
      const { clientId, counterId } = change;
      const draft = configuration.whatIf(await changes.preview([change]));
      const [rows, tags] = await Promise.all([
        pastUtterances(store.db, { clientId, counterId, kind }, utterances),
        replay.tags(clientId),
      ]);
      return preview({
        registry,
        language: LANGUAGE,
        kind,
        price,
        utterances: rows.map(({ durationMs, snrDb, heardAs, answered, ...row }) => ({
          ...row,
          facts: { durationMs, snrDb, class: heardAs },
          happened: answered,
        })),
        now: (client, counter) => configuration.for(client, counter),
        draft: (client, counter) => draft.for(client, counter),
        tags: (counter) => tags.get(counter) ?? [],
        budgetLeft: (client) => parts.budgetLeft(configuration.for(client, null)),
      });
    },
    compare: (period, signal) => comparisons.compare(period, signal),
  };

  /** The configuration as it would be; wrong rules, and what a validation refused, are refused with their field. */
  async function supposed(clientId: string | null, under: WhatIf): Promise<Pick<Configuration, 'for'>> {
    if ('draft' in under) {
      const [error] = (await changes.check(under.draft.changes, { probe: false })).errors;
      if (error) throw refuse(400, error.code, `${error.field}: ${error.message}`, error.field);
      return configuration.whatIf(await changes.preview(under.draft.changes));
    }
    const { rules } = under;
    const effective = configuration.for(clientId ?? '', null);
    const [error] = checkRules({ rules }, { registry, effective, language: LANGUAGE }).errors;
    if (error) throw refuse(400, error.code, `${error.field}: ${error.message}`, error.field);
    const snapshot = await changes.preview([{ clientId, counterId: null, section: 'routing', value: { rules } }]);
    return configuration.whatIf(snapshot);
  }
}
