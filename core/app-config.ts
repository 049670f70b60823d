import type { Providers } from './app-providers.ts';
import { LANGUAGE } from './app-providers.ts';
import { labelReader } from './cli/plugin-label.ts';
import { type Clock, type Log, SPEC_VERSION } from './contracts/index.ts';
import type { ConfigDoors } from './http/options.ts';
import type { Registry } from './registry/registry.ts';
import { ConfigChanges } from './routing/config-changes.ts';
import { isOfTheKey, probeKey } from './runtime/credential-probe.ts';
import type { Store } from './store/index.ts';

/** Rows per page of what is read whole. */
const PAGE_ROWS = 500;

/** Ties the ways in which the configuration is changed to the store and to what calls the vendors. */
export function openConfigChanges(parts: {
  registry: Registry;
  env: Record<string, string | undefined>;
  store: Store;
  providers: Pick<Providers, 'configuration' | 'egress'>;
  clock: Clock;
  log: Log;
}): ConfigChanges {
  const { registry, env, store, providers, clock, log } = parts;
  const { configuration, egress } = providers;
  return new ConfigChanges({
    registry,
    env,
    configuration,
    versions: store.configVersions,
    drafts: store.configDrafts,
    credentials: store.credentials,
    live: store.config,
    language: LANGUAGE,
    clientsAmong: async (ids) => {
      const { items } = await store.clients.page({ clientIds: ids }, PAGE_ROWS);
      return new Set(items.map(({ clientId }) => clientId));
    },
    counters: (clientIds) => servingCounters(store, clientIds),
    keys: (ids) => store.credentials.byIds(ids),
    probe: (configured, credential) => probeKey(configured, credential, { clock, log, egress }),
    isOfTheKey,
    noteProbe: (id, code) => store.credentials.noteProbe(id, code),
    refuseUrl: (url) => refusalOf(() => egress.check(url)),
  });
}

/** A counter whose key was revoked may come back with another one; until then nobody is routed there. */
async function servingCounters({ counters }: Store, clientIds: string[] | null) {
  const found: { clientId: string; counterId: string; tags: readonly string[] }[] = [];
  if (clientIds?.length === 0) return found;
  let cursor: string | undefined;
  do {
    const { items, next } = await counters.page({ clientIds }, PAGE_ROWS, cursor);
    found.push(...items.filter(({ status }) => status !== 'revoked'));
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

function refusalOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof TypeError ? 'não é um endereço' : (error as Error).message;
  }
}

/** What the REST doors of the configuration are given. */
export function openConfigDoors(parts: {
  registry: Registry;
  providers: Pick<Providers, 'configuration' | 'egress'> & { health: Pick<Providers['health'], 'status'> };
  changes: ConfigChanges;
  clock: Clock;
  log: Log;
}): ConfigDoors {
  const { registry, providers, changes, clock, log } = parts;
  const { configuration, egress, health } = providers;
  const labelsOf = labelReader((problem) => log.warn({ problem }, 'a plugin brings labels that cannot be read'));
  return {
    registry,
    configuration,
    changes,
    probe: (configured, credential) => probeKey(configured, credential, { clock, log, egress }),
    isOfTheKey,
    health: () => health.status(),
    tierOf(vendor, address) {
      const label = labelsOf(registry.entryOf(vendor))[address];
      return label?.contract === SPEC_VERSION ? label.tier : null;
    },
  };
}
